package io.barnabas.broker.groupview;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** /groups on a coordinator whose shards come and go. */
class GroupPagesTest {
    @TempDir
    Path logDir;

    private GroupWorld world;
    private GroupPages pages;

    @BeforeEach
    void open() throws Exception {
        world = new GroupWorld(logDir);
        pages = new GroupPages(world.groups);
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aGroupWhoseShardIsNotLoadedIsToldSo() throws Exception {
        world.join("g");
        assertTrue(row("g").contains("  consumer  Stable  "), row("g"));
        world.lead(false);
        assertTrue(row("g").contains("  -         not loaded here  "), row("g"));
        assertTrue(row("g").endsWith("  member joined"), row("g"));
        world.lead(true);
        assertTrue(row("g").contains("  consumer  Stable  "), row("g"));
    }

    @Test
    void groupsBeyondTheLimitAreCounted() throws Exception {
        for (int i = 0; i < 1_001; i++) {
            world.commit("g" + (1_000 + i), 0);
        }
        assertEquals(1_000 + 2, pages.page("/groups", null).text().lines().count());
        assertEquals("1 more left off; 1000 are shown, limit=N shows up to 10000", lastLine(null));
        assertEquals("991 more left off; 10 are shown, limit=N shows up to 10000", lastLine("limit=10"));
        assertTrue(lastLine("limit=1001").startsWith("g2000  "), lastLine("limit=1001"));
        assertTrue(lastLine("limit=10000").startsWith("g2000  "), lastLine("limit=10000"));
        for (var query : new String[] {
            "limit=0", "limit=10001", "limit=9999999", "limit=", "limit=x", "after=g", "limit=1&limit=2"
        }) {
            assertEquals(400, pages.page("/groups", query).status(), query);
        }
    }

    @Test
    void aShardThatDoesNotAnswerIsTold() throws Exception {
        world.block(3);
        assertEquals(503, pages.page("/groups", null).status());
    }

    private String lastLine(String query) {
        var lines = pages.page("/groups", query).text().lines().toList();
        return lines.get(lines.size() - 1);
    }

    private String row(String group) {
        return pages.page("/groups", null)
                .text()
                .lines()
                .filter(line -> line.startsWith(group + " "))
                .findFirst()
                .orElse("");
    }
}
