package io.barnabas.broker.config;

import java.util.regex.Pattern;

/** A host and a port as written in a configuration; IPv6 hosts without their brackets. */
public record HostPort(String host, int port) {

    private static final Pattern FORM = Pattern.compile("\\[?([0-9a-zA-Z\\-._%:]*)\\]?:([0-9]{1,5})");

    /** Null if the text is not host:port with a port of 0 to 65535. */
    static HostPort parse(String text) {
        var matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            return null;
        }
        var port = Integer.parseInt(matcher.group(2));
        return port > 65_535 ? null : new HostPort(matcher.group(1), port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
