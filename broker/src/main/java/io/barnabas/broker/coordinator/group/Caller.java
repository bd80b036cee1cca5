package io.barnabas.broker.coordinator.group;

/**
 * Who asks.
 *
 * @param apiVersion version of the request
 * @param clientId empty if the client gave none
 * @param clientHost as Kafka records it: a slash and the address
 */
public record Caller(short apiVersion, String clientId, String clientHost) {}
