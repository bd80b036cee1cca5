package io.barnabas.broker.handler;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.wire.ApiMessage;

/** The APIs this broker answers. Its list is the ApiVersions answer, so the two cannot drift. Immutable. */
public final class HandlerRegistry {
    private final List<Handler<?>> handlers;
    private final Handler<?>[] byKey;

    public HandlerRegistry(List<? extends Handler<?>> handlers) {
        this.handlers = new ArrayList<>(handlers);
        this.handlers.sort((a, b) -> Short.compare(a.api().id(), b.api().id()));
        int highest = this.handlers.isEmpty()
                ? -1
                : this.handlers.get(this.handlers.size() - 1).api().id();
        byKey = new Handler<?>[highest + 1];
        for (var handler : this.handlers) {
            int key = handler.api().id();
            if (byKey[key] != null) {
                throw new IllegalArgumentException("Two handlers for " + handler.api());
            }
            byKey[key] = handler;
        }
    }

    /** Every handler, by ascending API key. */
    public List<Handler<?>> all() {
        return List.copyOf(handlers);
    }

    /** The handler of an API, or null if this broker does not answer it. */
    @SuppressWarnings("unchecked")
    public <Q extends ApiMessage> Handler<Q> find(short apiKey) {
        return apiKey < 0 || apiKey >= byKey.length ? null : (Handler<Q>) byKey[apiKey];
    }

    public boolean answers(ApiKey api) {
        return find(api.id()) != null;
    }
}
