package io.barnabas.storage.segment;

/**
 * Where the most recent batches of an active segment lie, so that reads near the end of a log need no index and no read of
 * batch headers. A chain of small chunks, newest first; the owner adds entries, readers look only at as many as the view
 * they hold counts.
 */
public final class BatchTail {
    private static final int CHUNK_BATCHES = 32;
    private static final int MAX_CHUNKS = 16;

    /** Where one batch lies. */
    public record Place(int position, int endPosition) {
        public int sizeBytes() {
            return endPosition - position;
        }
    }

    private final long firstOffset;
    private final int startPosition;
    private final long[] lastOffsets = new long[CHUNK_BATCHES];
    private final int[] endPositions = new int[CHUNK_BATCHES];
    private BatchTail older;
    private int count;

    private BatchTail(BatchTail older, long firstOffset, int startPosition) {
        this.older = older;
        this.firstOffset = firstOffset;
        this.startPosition = startPosition;
    }

    /** An empty tail that knows only batches added from now on. */
    public static BatchTail startingAt(long nextOffset, int position) {
        return new BatchTail(null, nextOffset, position);
    }

    /** Entries of this chunk so far. Owner only; readers take the count from their view. */
    public int count() {
        return count;
    }

    /** Adds a batch and returns the newest chunk. Owner only. */
    public BatchTail add(long lastOffset, int endPosition) {
        if (count == CHUNK_BATCHES) {
            var next = new BatchTail(this, lastOffsets[count - 1] + 1, endPositions[count - 1]);
            var oldest = next;
            for (int i = 1; i < MAX_CHUNKS && oldest != null; i++) {
                oldest = oldest.older;
            }
            if (oldest != null) {
                oldest.older = null;
            }
            return next.add(lastOffset, endPosition);
        }
        lastOffsets[count] = lastOffset;
        endPositions[count] = endPosition;
        count++;
        return this;
    }

    /** The first batch whose last offset is not below this one; null if the tail does not reach back so far. */
    public Place find(int visibleCount, long offset) {
        var chunk = this;
        int visible = visibleCount;
        while (chunk != null && offset < chunk.firstOffset) {
            chunk = chunk.older;
            visible = CHUNK_BATCHES;
        }
        if (chunk == null) {
            return null;
        }
        int at = chunk.indexOf(visible, offset);
        if (at == visible) {
            return null;
        }
        return new Place(at == 0 ? chunk.startPosition : chunk.endPositions[at - 1], chunk.endPositions[at]);
    }

    /** The largest batch end not above a position; −1 if the tail does not reach back so far. */
    public int lastEndUpTo(int visibleCount, int position) {
        var chunk = this;
        int visible = visibleCount;
        while (chunk != null && position < chunk.startPosition) {
            chunk = chunk.older;
            visible = CHUNK_BATCHES;
        }
        if (chunk == null) {
            return -1;
        }
        int end = chunk.startPosition;
        for (int low = 0, high = visible; low < high; ) {
            int middle = (low + high) >>> 1;
            if (chunk.endPositions[middle] <= position) {
                end = chunk.endPositions[middle];
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return end;
    }

    private int indexOf(int visible, long offset) {
        int low = 0;
        int high = visible;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (lastOffsets[middle] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
