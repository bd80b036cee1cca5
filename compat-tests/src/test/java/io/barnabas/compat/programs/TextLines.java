package io.barnabas.compat.programs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Over a million lines of text with keys. Every value begins with its number within its key, counted from 0, so that
 * the order within a key can be read off the values.
 *
 * @param source where the text is from, for the report
 */
record TextLines(String source, List<Line> lines) {
    static final int FEWEST = 1_000_000;
    private static final Path APT_CACHE = Path.of("/usr/bin/apt-cache");
    private static final long SEED = 20_260_101;

    /** @param value the number, a space, the text */
    record Line(String key, String value) {
        String joined() {
            return key + '\t' + value;
        }
    }

    /** The package index of a Debian machine, keyed by package; made-up text of that size where there is none. */
    static TextLines packageIndexOrMadeUp() throws IOException, InterruptedException {
        if (Files.isExecutable(APT_CACHE)) {
            List<Line> lines = packageIndex();
            if (lines.size() >= FEWEST) {
                return new TextLines("apt-cache dumpavail", lines);
            }
        }
        return new TextLines("made up from seed " + SEED, madeUp(SEED));
    }

    /** Of keys that differ in parity of their hash, one half; every key is in one half with all its lines. */
    List<Line> half(int parity) {
        return lines.stream()
                .filter(line -> Math.floorMod(line.key().hashCode(), 2) == parity)
                .toList();
    }

    /** Writes lines as the programs read them: key, tab, value. */
    static void write(List<Line> lines, Path file) throws IOException {
        try (var out = Files.newBufferedWriter(file, UTF_8)) {
            for (Line line : lines) {
                out.write(line.key());
                out.write('\t');
                out.write(line.value());
                out.write('\n');
            }
        }
    }

    private static List<Line> packageIndex() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(APT_CACHE.toString(), "dumpavail")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Line> lines = new ArrayList<>(FEWEST);
        Numbering numbering = new Numbering();
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String key = null;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                if (text.startsWith("Package: ")) {
                    key = text.substring("Package: ".length());
                }
                if (key != null && !text.isEmpty()) {
                    lines.add(numbering.number(key, text));
                }
            }
        }
        return process.waitFor() == 0 ? lines : List.of();
    }

    private static List<Line> madeUp(long seed) {
        Random random = new Random(seed);
        Numbering numbering = new Numbering();
        List<Line> lines = new ArrayList<>(FEWEST);
        while (lines.size() < FEWEST + 100_000) {
            StringBuilder text = new StringBuilder("Depends: ");
            for (int words = 1 + random.nextInt(10); words > 0; words--) {
                text.append("word").append(random.nextInt(5_000)).append(random.nextInt(20) == 0 ? " é漢 " : ", ");
            }
            lines.add(numbering.number("package-" + random.nextInt(60_000), text.toString()));
        }
        return lines;
    }

    /** Counts the lines of every key. */
    private static final class Numbering {
        private final Map<String, Integer> next = new HashMap<>();

        Line number(String key, String text) {
            int number = next.merge(key, 1, Integer::sum) - 1;
            return new Line(key, number + " " + text);
        }
    }
}
