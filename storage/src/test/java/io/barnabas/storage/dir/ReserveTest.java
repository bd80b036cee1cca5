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
        // What is under way may need a thirty-second.
        assertAt(1_031, false, false);
        assertAt(1_030, true, false);
        assertAt(1_249, true, false);
        assertAt(515, true, false);
        assertAt(514, true, true);
        assertAt(624, true, true);
        assertAt(625, true, false);
        assertAt(1_249, true, false);
        assertAt(1_250, false, false);
    }

    @Test
    void whatIsStagedCountsBeforeTheNextCheck() {
        assertAt(10_000, false, false);
        reserve.staged(8_960);
        assertEquals(false, reserve.refusesClients());
        reserve.staged(10);
        // It is written, and the file system is asked at once.
        assertEquals(true, reserve.refusesClients());
        assertEquals(false, reserve.refusesAll());
        disk.usableBytes(1_030);
        reserve.written(8_970);
        reserve.staged(516);
        assertEquals(true, reserve.refusesAll());
    }

    @Test
    void whatIsWrittenIsNotCountedTwice() {
        assertAt(10_000, false, false);
        for (long freeBytes = 10_000; freeBytes >= 2_000; freeBytes -= 1_000) {
            assertEquals(false, reserve.refusesClients());
            reserve.staged(1_000);
            disk.usableBytes(freeBytes - 1_000);
            reserve.written(1_000);
        }
        assertEquals(true, reserve.refusesClients());
        assertEquals(false, reserve.refusesAll());
    }

    /** As when the journal writes over its files, or another log is deleted meanwhile. */
    @Test
    void whatWasCountedForNothingRefusesNothing() {
        assertAt(10_000, false, false);
        for (int i = 0; i < 100; i++) {
            reserve.staged(1_000);
            reserve.written(1_000);
        }
        assertEquals(false, reserve.refusesClients());
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
        reserve.staged(1 << 20);
        assertEquals(false, reserve.refusesClients());
    }

    private void assertDefault(long totalBytes, long expectedBytes) {
        disk.totalBytes(totalBytes);
        disk.usableBytes(expectedBytes + expectedBytes / 4);
        reserve.check(Reserve.AUTOMATIC);
        assertEquals(false, reserve.refusesClients(), "of " + totalBytes);
        disk.usableBytes(expectedBytes - 1);
        reserve.check(Reserve.AUTOMATIC);
        assertEquals(true, reserve.refusesClients(), "of " + totalBytes);
        assertEquals(false, reserve.refusesAll());
    }

    @Test
    void byDefaultItIsAHundredthButOfSmallAndLargeDisks() {
        assertDefault(1L << 40, 64L << 20);
        assertDefault(3_200L << 20, 32L << 20);
        assertDefault(300L << 20, 16L << 20);
        assertDefault(50L << 20, 5L << 20);
    }
}
