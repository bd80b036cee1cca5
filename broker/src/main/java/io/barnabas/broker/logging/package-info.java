/** Log lines in Kafka's form on standard output, through java.util.logging; cheap to set up. */
package io.barnabas.broker.logging;
