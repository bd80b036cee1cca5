/**
 * What operators see of the groups that this broker coordinates: metrics, consumer lag, pages of the admin endpoint. Reads what others
 * publish, on the threads of that endpoint. Start at {@link io.barnabas.broker.groupview.GroupFamilies}.
 */
package io.barnabas.broker.groupview;
