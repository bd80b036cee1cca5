package io.barnabas.metadata.controller;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PlacementTest {
    private static MetadataImage racks(String... racks) {
        var image = MetadataImage.EMPTY;
        for (int broker = 0; broker < racks.length; broker++) {
            image = image.apply(Deciders.registration(broker, false).rack(racks[broker]));
        }
        return image;
    }

    @Test
    void stripesOverBrokers() {
        var placement = new Placement(Deciders.cluster(0, 1, 2, 3).cluster(), bound -> 0);

        assertEquals(List.of(0, 1, 2), placement.next(3));
        assertEquals(List.of(1, 2, 3), placement.next(3));
        assertEquals(List.of(2, 3, 0), placement.next(3));
        assertEquals(List.of(3, 0, 1), placement.next(3));
    }

    @Test
    void stripesOverRacksFirst() {
        var placement = new Placement(racks("a", "a", "b", "b", "c", "c").cluster(), bound -> 0);

        assertEquals(List.of(0, 2, 4), placement.next(3));
        assertEquals(List.of(3, 5, 1), placement.next(3));
        assertEquals(List.of(4, 0, 2), placement.next(3));
    }

    @Test
    void takesFencedBrokersLastAndNeverAsLeaders() {
        var image = Deciders.fence(Deciders.cluster(0, 1, 2), 1);
        var placement = new Placement(image.cluster(), new Random(5)::nextInt);

        for (int i = 0; i < 50; i++) {
            var replicas = placement.next(2);
            assertFalse(replicas.contains(1), replicas.toString());
            replicas = placement.next(3);
            assertEquals(1, replicas.get(2));
        }
    }

    @Test
    void leavesOutBrokersWhoseDirectoriesAreAllCordoned() {
        var image = cordoned(Deciders.cluster(0, 1, 2), 1);
        var placement = new Placement(image.cluster(), new Random(5)::nextInt);

        assertNull(placement.refusal(2));
        for (int i = 0; i < 50; i++) {
            assertFalse(placement.next(2).contains(1));
        }
        assertEquals(
                "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some brokers"
                        + " have all their log directories cordoned.",
                placement.refusal(3));
        image = cordoned(cordoned(image, 0), 2);
        assertEquals(
                "All brokers are currently fenced, or have all their log directories cordoned.",
                new Placement(image.cluster(), new Random(5)::nextInt).refusal(1));
    }

    private static MetadataImage cordoned(MetadataImage image, int broker) {
        return image.apply(new BrokerRegistrationChangeRecord()
                .brokerId(broker)
                .brokerEpoch(image.cluster().broker(broker).epoch())
                .cordonedLogDirs(List.of(Deciders.directory(broker))));
    }

    @Test
    void leavesOutBrokersThatShutDown() {
        var image = Deciders.shuttingDown(Deciders.cluster(0, 1), 1);

        assertNotNull(new Placement(image.cluster(), bound -> 0).refusal(2));
        assertNull(new Placement(image.cluster(), bound -> 0).refusal(1));
    }

    @Test
    void spreadsEvenly() {
        long seed = System.nanoTime();
        var image = racks("a", "b", "c", "a", "b", "c", "a", "b", "c");
        var random = new Random(seed);
        var placement = new Placement(image.cluster(), random::nextInt);
        Map<Integer, Integer> leaders = new HashMap<>();
        Map<Integer, Integer> replicas = new HashMap<>();
        for (int partition = 0; partition < 900; partition++) {
            var placed = placement.next(3);
            assertEquals(3, new HashSet<>(placed).size(), "seed " + seed);
            var racks = new HashSet<>();
            placed.forEach(broker -> racks.add(image.cluster().broker(broker).rack()));
            assertEquals(3, racks.size(), "seed " + seed);
            leaders.merge(placed.get(0), 1, Integer::sum);
            placed.forEach(broker -> replicas.merge(broker, 1, Integer::sum));
        }
        for (int broker = 0; broker < 9; broker++) {
            assertTrue(Math.abs(leaders.get(broker) - 100) <= 80, "seed " + seed + ": leaders " + leaders);
            assertTrue(Math.abs(replicas.get(broker) - 300) <= 10, "seed " + seed + ": replicas " + replicas);
        }
    }

    @Test
    void oneBrokerTakesEverything() {
        var placement = new Placement(Deciders.cluster(4).cluster(), new Random(1)::nextInt);

        for (int partition = 0; partition < 10; partition++) {
            assertEquals(List.of(4), placement.next(1));
        }
    }
}
