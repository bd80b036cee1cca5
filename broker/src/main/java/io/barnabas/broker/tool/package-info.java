/** Command-line programs that run beside a broker, behind the scripts in bin/. */
package io.barnabas.broker.tool;
