/**
 * APIs of consumer groups and their offsets. Each handler checks what needs no state, asks the shard of the group, and gives the
 * answer the shape its version has. Start at {@link io.barnabas.broker.handler.group.GroupHandlers}.
 */
package io.barnabas.broker.handler.group;
