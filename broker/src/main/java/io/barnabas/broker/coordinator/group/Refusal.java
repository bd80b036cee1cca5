package io.barnabas.broker.coordinator.group;

import io.barnabas.protocol.ErrorCode;

/** Why a request is not granted. */
record Refusal(ErrorCode error, String message) {}
