package io.barnabas.compat.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.barnabas.compat.cluster.Product;

/** What was measured: per figure and product one value per round, told as medians and their ratio. */
final class Figures {
    private final Map<String, Map<Product, List<Double>>> values = new LinkedHashMap<>();

    /** @param figure what, with its unit last */
    void add(String figure, Product product, double value) {
        values.computeIfAbsent(figure, key -> new EnumMap<>(Product.class))
                .computeIfAbsent(product, key -> new ArrayList<>())
                .add(value);
    }

    static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** One line per figure, in the order they came. */
    String table() {
        var text = new StringBuilder(
                String.format(Locale.ROOT, "%-62s %12s %12s %8s%n", "figure", "Kafka", "Barnabas", "ratio"));
        values.forEach((figure, of) -> {
            if (of.size() == Product.values().length) {
                double kafka = median(of.get(Product.APACHE_KAFKA));
                double ours = median(of.get(Product.BARNABAS));
                text.append(
                        String.format(Locale.ROOT, "%-62s %12.3f %12.3f %8.3f%n", figure, kafka, ours, ours / kafka));
            }
        });
        return text.toString();
    }

    ObjectNode json() {
        var root = new ObjectMapper().createObjectNode();
        values.forEach((figure, of) -> {
            var node = root.putObject(figure);
            of.forEach((product, rounds) -> {
                var array = node.putArray(product.name());
                rounds.forEach(array::add);
            });
        });
        return root;
    }
}
