/**
 * Build time only: an annotation processor that reads Kafka's message schemas, which ship as JSON inside Kafka's own jars,
 * and writes one codec class per schema. Start at {@link io.barnabas.protocol.generator.CodecProcessor}.
 */
package io.barnabas.protocol.generator;
