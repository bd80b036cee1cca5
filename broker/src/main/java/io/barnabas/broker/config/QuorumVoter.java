package io.barnabas.broker.config;

/** One entry of controller.quorum.voters: {@code id@host:port}. */
public record QuorumVoter(int id, String host, int port) {

    static QuorumVoter parse(String entry) {
        var at = entry.indexOf('@');
        var address = at < 0 ? null : HostPort.parse(entry.substring(at + 1));
        if (address == null || address.host().isEmpty()) {
            throw new ConfigException("Invalid configuration value for controller.quorum.voters: '" + entry
                    + "'. Each entry should be in the form `{id}@{host}:{port}`.");
        }
        try {
            return new QuorumVoter(Integer.parseInt(entry.substring(0, at).trim()), address.host(), address.port());
        } catch (NumberFormatException e) {
            throw new ConfigException("Failed to parse voter ID as integer from '" + entry + "'.");
        }
    }
}
