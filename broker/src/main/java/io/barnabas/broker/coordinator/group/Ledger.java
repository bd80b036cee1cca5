package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Turn;

/** Takes decisions: records go into the turn, and at once into the state. */
interface Ledger {
    void write(List<CoordinatorRecord> records, Turn turn);
}
