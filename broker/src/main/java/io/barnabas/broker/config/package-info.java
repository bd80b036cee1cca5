/**
 * Configuration: {@link io.barnabas.broker.config.BrokerConfig} (server.properties and its dynamic overlays) and the table
 * of every key Apache Kafka 4.3.1 lists. Everything here is immutable and safe on any thread.
 */
package io.barnabas.broker.config;
