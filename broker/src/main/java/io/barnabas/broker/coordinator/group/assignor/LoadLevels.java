package io.barnabas.broker.coordinator.group.assignor;

import java.util.Comparator;
import java.util.List;

/**
 * Some members in the order of their loads, seen from both ends. At the low end stand those that are filled up in turn, like water
 * rising: when each of them got one, the level rises, and those that stand at the new level join in. At the high end stand, the
 * other way round, those that are emptied in turn. The caller changes the loads; they are looked at whenever a level moves.
 */
final class LoadLevels {
    static final int NOBODY = -1;

    private final int[] loads;
    private final int[] order;
    /** {@code order[0..lowEnd)} is filled up, from {@code lowLevel} on; {@code lowNext} is next. */
    private int lowEnd;

    private int lowLevel;
    private int lowNext;
    /** {@code order[highStart..highEnd)} is emptied, from {@code highLevel} on; {@code highNext} is next. */
    private int highStart;

    private int highEnd;
    private int highLevel;
    private int highNext;

    /**
     * @param loads by member
     * @param members at least one, ascending
     */
    LoadLevels(int[] loads, List<Integer> members) {
        this.loads = loads;
        this.order = members.stream()
                .sorted(Comparator.comparingInt(member -> loads[member]))
                .mapToInt(Integer::intValue)
                .toArray();
        lowLevel = loads[order[0]] - 1;
        highStart = order.length;
        highEnd = order.length;
        highLevel = loads[order[order.length - 1]] + 1;
        highNext = order.length - 1;
    }

    /** How much more the first has than the last, before anything moved. */
    int spread() {
        return loads[order[order.length - 1]] - loads[order[0]];
    }

    /** Whether moving from the high end to the low end gains nothing any more. */
    boolean areEven() {
        return highLevel - lowLevel <= 1;
    }

    int nextLeast() {
        if (lowNext >= lowEnd) {
            lowLevel++;
            while (lowEnd < order.length && loads[order[lowEnd]] == lowLevel) {
                lowEnd++;
            }
            lowNext = 0;
        }
        return order[lowNext++];
    }

    /** {@link #NOBODY} if all are dismissed. */
    int nextMost() {
        if (highNext < highStart) {
            boolean allDismissed = highEnd <= highStart && highStart > 0;
            highLevel = allDismissed ? loads[order[highStart - 1]] : highLevel - 1;
            while (highStart > 0 && loads[order[highStart - 1]] == highLevel) {
                highStart--;
            }
            highNext = highEnd - 1;
        }
        return highNext < 0 ? NOBODY : order[highNext--];
    }

    /** The one that {@link #nextMost} gave last has nothing to give: it is left out from now on. */
    void dismissMost() {
        int dismissed = order[highNext + 1];
        order[highNext + 1] = order[highEnd - 1];
        order[highEnd - 1] = dismissed;
        highEnd--;
    }
}
