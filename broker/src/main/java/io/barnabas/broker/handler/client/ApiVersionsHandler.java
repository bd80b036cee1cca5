package io.barnabas.broker.handler.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsRequest;
import io.barnabas.protocol.message.ApiVersionsResponse;
import io.barnabas.protocol.message.ApiVersionsResponse.ApiVersion;

/**
 * API 18 · ApiVersions · v0–4. The list of handlers is the answer. Versions from the future are answered before this handler, in
 * the form of v0 (KIP-511).
 *
 * <ul>
 *   <li>v3: the client names its software; a name or version with odd characters is INVALID_REQUEST. Features (KIP-584)
 *   <li>below v4: features whose range begins at 0 are left out, since clients reject them (KAFKA-17492)
 * </ul>
 */
public final class ApiVersionsHandler implements Handler<ApiVersionsRequest> {
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private final Supplier<List<Handler<?>>> handlers;
    private final Features features;

    /** @param handlers all handlers, this one included */
    public ApiVersionsHandler(Supplier<List<Handler<?>>> handlers, Features features) {
        this.handlers = handlers;
        this.features = features;
    }

    @Override
    public ApiKey api() {
        return ApiKey.API_VERSIONS;
    }

    @Override
    public CompletionStage<ApiVersionsResponse> handle(RequestContext context, ApiVersionsRequest request) {
        if (context.apiVersion() >= 3) {
            if (!SOFTWARE.matcher(request.clientSoftwareName()).matches()
                    || !SOFTWARE.matcher(request.clientSoftwareVersion()).matches()) {
                return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_REQUEST));
            }
            context.connection().software(request.clientSoftwareName(), request.clientSoftwareVersion());
        }
        var response = new ApiVersionsResponse();
        for (Handler<?> handler : handlers.get()) {
            response.apiKeys()
                    .add(new ApiVersion()
                            .apiKey(handler.api().id())
                            .minVersion(handler.advertisedLowestVersion())
                            .maxVersion(handler.highestVersion()));
        }
        if (context.apiVersion() >= 3) {
            features.describe(response, context.apiVersion() < 4);
        }
        return CompletableFuture.completedFuture(response);
    }

    @Override
    public ApiVersionsResponse failure(RequestContext context, ApiVersionsRequest request, ErrorCode error) {
        return new ApiVersionsResponse().errorCode(error.code());
    }
}
