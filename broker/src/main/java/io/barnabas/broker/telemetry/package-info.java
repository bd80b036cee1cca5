/**
 * What the broker counts and how it is read. Counting is lock-free and may happen on any thread; the Prometheus library is
 * first loaded when somebody asks for {@code /metrics}. Names follow what the JMX exporter's usual Kafka rules yield.
 */
package io.barnabas.broker.telemetry;
