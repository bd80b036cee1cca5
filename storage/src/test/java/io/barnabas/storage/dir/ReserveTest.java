package io.barnabas.storage.dir;

import java.io.IOException;
import java.nio.file.Path;

import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ReserveTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final Reserve reserve = new LogDirectory(Path.of("/a"), new OpenFiles(disk, 4), directory -> {}).reserve();

    private void assertAt(long freeBytes, boolean refusesClients, boolean refusesAll) {
        disk.usableBytes(freeBytes);
        reserve.check(1_000);
        assertEquals(refusesClients, reserve.refusesClients(), "clients at " + freeBytes);
        assertEquals(refusesAll, reserve.refusesAll(), "all at " + freeBytes);
    }

    @Test
    void clientsAreRefusedFirstAndTakenAgainWithAQuarterMore() throws IOException {
        assertAt(1_000, false, false);
        assertAt(999, true, false);
        assertAt(1_249, true, false);
        assertAt(500, true, false);
        assertAt(499, true, true);
        assertAt(624, true, true);
        assertAt(625, true, false);
        assertAt(1_249, true, false);
        assertAt(1_250, false, false);
    }

    @Test
    void anExhaustedDiskTakesNothingUntilItIsAskedAgain() {
        reserve.exhausted();
        assertEquals(true, reserve.refusesAll());
        assertAt(60_000, true, true);
        assertAt(100_000, false, false);
    }

    @Test
    void noReserveRefusesNothing() {
        disk.usableBytes(0);
        reserve.check(0);
        assertEquals(false, reserve.refusesClients());
    }

    @Test
    void byDefaultItIs64MiBOfALargeDisk() {
        disk.usableBytes((64L << 20) - 1);
        reserve.check(Reserve.AUTOMATIC);
        assertEquals(true, reserve.refusesClients());
        assertEquals(false, reserve.refusesAll());
    }
}
