package io.barnabas.protocol.wire;

/** A message with a number of its own: a request or response (API key), a metadata record or a coordinator record. */
public interface ApiMessage extends Message {
    short apiKey();
}
