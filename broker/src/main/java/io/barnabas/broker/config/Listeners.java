package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The listeners of a node, resolved from listeners, advertised.listeners, controller.listener.names,
 * listener.security.protocol.map and inter.broker.listener.name.
 */
record Listeners(
        List<Listener> all,
        List<Listener> ofBroker,
        List<Listener> ofController,
        List<Listener> advertised,
        String interBroker,
        Map<String, SecurityProtocol> protocols) {

    private static final Pattern FORM = Pattern.compile("(.*)://\\[?([0-9a-zA-Z\\-%._:]*)\\]?:(-?[0-9]+)");

    static Listeners of(BrokerConfig config) {
        var controllerNames = config.controllerListenerNames();
        var protocols = protocols(config, controllerNames);
        var all = parse("listeners", config.list("listeners"), protocols);
        checkPorts(all, config.list("listeners"));
        var ofBroker = new ArrayList<Listener>();
        var ofController = new ArrayList<Listener>();
        for (var listener : all) {
            (controllerNames.contains(listener.name()) ? ofController : ofBroker).add(listener);
        }
        var advertisedTexts = config.list("advertised.listeners");
        var advertised = new ArrayList<Listener>();
        for (var listener :
                advertisedTexts.isEmpty() ? all : parse("advertised.listeners", advertisedTexts, protocols)) {
            if (!controllerNames.contains(listener.name())) {
                advertised.add(listener);
            }
        }
        return new Listeners(
                List.copyOf(all),
                List.copyOf(ofBroker),
                List.copyOf(ofController),
                List.copyOf(advertised),
                interBroker(config, protocols),
                Map.copyOf(protocols));
    }

    SecurityProtocol protocol(String listenerName) {
        return protocols.get(listenerName);
    }

    private static Map<String, SecurityProtocol> protocols(BrokerConfig config, List<String> controllerNames) {
        var map = new HashMap<String, SecurityProtocol>();
        var key = "listener.security.protocol.map";
        for (var pair : config.text(key).orElse("").split("\\s*,\\s*")) {
            var colon = pair.lastIndexOf(':');
            if (pair.isEmpty()) {
                continue;
            }
            if (colon < 0) {
                throw new ConfigException("Error parsing configuration property '" + key + "': '" + pair
                        + "' is not of the form NAME:PROTOCOL.");
            }
            map.put(pair.substring(0, colon).toUpperCase(Locale.ROOT), protocolNamed(pair.substring(colon + 1), key));
        }
        if (!config.isSet(key)) {
            var anySecure = controllerNames.stream().anyMatch(Listeners::namesSecureProtocol)
                    || config.list("listeners").stream()
                            .anyMatch(text -> namesSecureProtocol(text.split(":", 2)[0].toUpperCase(Locale.ROOT)));
            if (!anySecure) {
                controllerNames.forEach(name -> map.put(name, SecurityProtocol.PLAINTEXT));
            }
        }
        return map;
    }

    private static boolean namesSecureProtocol(String name) {
        return name.equals("SSL") || name.equals("SASL_SSL") || name.equals("SASL_PLAINTEXT");
    }

    private static SecurityProtocol protocolNamed(String name, String key) {
        try {
            return SecurityProtocol.valueOf(name.trim().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("Invalid security protocol `" + name + "` defined in " + key);
        }
    }

    private static List<Listener> parse(String key, List<String> texts, Map<String, SecurityProtocol> protocols) {
        var prefix = "Error creating broker listeners from '" + texts + "' (" + key + "): ";
        var parsed = new ArrayList<Listener>();
        for (var text : texts) {
            var matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new ConfigException(prefix + "Unable to parse " + text + " to a broker endpoint");
            }
            var name = matcher.group(1).toUpperCase(Locale.ROOT);
            var protocol = protocols.get(name);
            if (protocol == null) {
                throw new ConfigException(prefix + "No security protocol defined for listener " + name);
            }
            var digits = matcher.group(3);
            var port = digits.length() > 6 ? -1 : Integer.parseInt(digits);
            if (port < 0 || port > 65_535) {
                throw new ConfigException(prefix + "The port of " + text + " is not between 0 and 65535");
            }
            if (parsed.stream().anyMatch(other -> other.name().equals(name))) {
                throw new ConfigException(prefix + "Each listener must have a different name, listeners: " + texts);
            }
            parsed.add(new Listener(name, matcher.group(2), port, protocol));
        }
        return parsed;
    }

    /** Two listeners may share a port only if one host is an IPv4 and the other an IPv6 address. */
    private static void checkPorts(List<Listener> listeners, List<String> texts) {
        for (var i = 0; i < listeners.size(); i++) {
            for (var j = i + 1; j < listeners.size(); j++) {
                var one = listeners.get(i);
                var other = listeners.get(j);
                var clash = one.port() != 0
                        && one.port() == other.port()
                        && !(isIpv4(one.host()) && isIpv6(other.host()) || isIpv6(one.host()) && isIpv4(other.host()));
                if (clash) {
                    throw new ConfigException("Error creating broker listeners from '" + texts
                            + "': Each listener must have a different port, listeners: " + texts);
                }
            }
        }
    }

    private static boolean isIpv4(String host) {
        return host.matches("[0-9]+(\\.[0-9]+){3}");
    }

    private static boolean isIpv6(String host) {
        return host.indexOf(':') >= 0;
    }

    private static String interBroker(BrokerConfig config, Map<String, SecurityProtocol> protocols) {
        var named = config.text("inter.broker.listener.name");
        if (named.isEmpty()) {
            return protocolNamed(
                            config.text("security.inter.broker.protocol").orElse("PLAINTEXT"),
                            "security.inter.broker.protocol")
                    .name();
        }
        if (config.isSet("security.inter.broker.protocol")) {
            throw new ConfigException(
                    "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
        }
        var name = named.get().toUpperCase(Locale.ROOT);
        if (!protocols.containsKey(name)) {
            throw new ConfigException("Listener with name " + name
                    + " defined in inter.broker.listener.name not found in listener.security.protocol.map.");
        }
        return name;
    }
}
