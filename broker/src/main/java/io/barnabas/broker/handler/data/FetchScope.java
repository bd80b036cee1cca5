package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

import io.barnabas.broker.handler.data.FetchTarget.Key;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.FetchRequest;
import io.barnabas.protocol.message.FetchResponse;

/**
 * What one Fetch request reads and how its answer relates to a session: none, a new one, or an incremental answer within one.
 *
 * @param session the session answered within; null otherwise
 * @param creates a session is to be made of this full request
 * @param error the session error to answer with; then there are no targets
 */
record FetchScope(
        List<FetchTarget> targets,
        FetchSession session,
        int epochAfter,
        boolean creates,
        boolean usesTopicIds,
        ErrorCode error) {
    private static final int INITIAL_EPOCH = 0;
    private static final int FINAL_EPOCH = -1;
    private static final short FIRST_TOPIC_ID_VERSION = 13;

    /** Finds or refuses the session a request names, and brings it up to date with the request. */
    static FetchScope of(FetchRequest request, short version, FetchSessions sessions, long nowMs) {
        boolean usesTopicIds = version >= FIRST_TOPIC_ID_VERSION;
        int epoch = request.sessionEpoch();
        if (epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH) {
            if (request.sessionId() != FetchSessions.NONE) {
                sessions.remove(request.sessionId());
            }
            boolean creates = epoch == INITIAL_EPOCH && version >= 7;
            return new FetchScope(requested(request, usesTopicIds), null, 0, creates, usesTopicIds, ErrorCode.NONE);
        }
        FetchSession session = sessions.find(request.sessionId());
        if (session == null) {
            return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        synchronized (session) {
            if (session.epoch() != epoch) {
                return refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
            }
            if (session.usesTopicIds() != usesTopicIds) {
                return refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
            }
            update(session, request);
            if (session.size() == 0) {
                sessions.remove(session.id());
                return new FetchScope(List.of(), null, 0, false, usesTopicIds, ErrorCode.NONE);
            }
            session.used(nowMs);
            return new FetchScope(session.inOrder(), session, session.epoch(), false, usesTopicIds, ErrorCode.NONE);
        }
    }

    private static FetchScope refused(ErrorCode error) {
        return new FetchScope(List.of(), null, 0, false, false, error);
    }

    /** Of a partition named twice the last mention counts. */
    private static List<FetchTarget> requested(FetchRequest request, boolean usesTopicIds) {
        var targets = new LinkedHashMap<Key, FetchTarget>();
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                var key = key(usesTopicIds, topic.topicId(), topic.topic(), partition.partition());
                targets.put(key, new FetchTarget(key, key.topic()).asked(partition));
            }
        }
        return new ArrayList<>(targets.values());
    }

    private static void update(FetchSession session, FetchRequest request) {
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                var key = key(session.usesTopicIds(), topic.topicId(), topic.topic(), partition.partition());
                FetchTarget known = session.find(key);
                if (known == null) {
                    session.add(new FetchTarget(key, key.topic()).asked(partition));
                } else {
                    known.asked(partition);
                }
            }
        }
        for (var topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                session.forget(key(session.usesTopicIds(), topic.topicId(), topic.topic(), partition));
            }
        }
    }

    private static Key key(boolean usesTopicIds, Uuid id, String name, int partition) {
        return usesTopicIds ? new Key(id, null, partition) : new Key(Uuid.ZERO, name, partition);
    }

    /** Builds the answer. Reads that an incremental answer need not mention hold nothing, so nothing is dropped. */
    FetchResponse answer(List<FetchedPartition> fetched, FetchSessions sessions, long nowMs) {
        if (error != ErrorCode.NONE) {
            return new FetchResponse().errorCode(error.code());
        }
        if (session != null) {
            return incrementalAnswer(fetched);
        }
        int sessionId = FetchSessions.NONE;
        if (creates) {
            for (var one : fetched) {
                one.target().tells(one);
            }
            sessionId = sessions.create(targets, usesTopicIds, nowMs);
        }
        return new FetchResponse().sessionId(sessionId).responses(byTopic(fetched));
    }

    private FetchResponse incrementalAnswer(List<FetchedPartition> fetched) {
        synchronized (session) {
            if (session.epoch() != epochAfter) {
                fetched.forEach(FetchedPartition::drop);
                return new FetchResponse()
                        .sessionId(session.id())
                        .errorCode(ErrorCode.INVALID_FETCH_SESSION_EPOCH.code());
            }
            var told = new ArrayList<FetchedPartition>();
            for (var one : fetched) {
                if (one.target().tells(one)) {
                    told.add(one);
                    if (one.sizeBytes() > 0) {
                        session.moveToEnd(one.target());
                    }
                }
            }
            return new FetchResponse().sessionId(session.id()).responses(byTopic(told));
        }
    }

    /** Neighbours of one topic share an entry. */
    private static List<FetchResponse.FetchableTopicResponse> byTopic(List<FetchedPartition> fetched) {
        var topics = new ArrayList<FetchResponse.FetchableTopicResponse>();
        FetchTarget last = null;
        for (var one : fetched) {
            var target = one.target();
            if (last == null || !sameTopic(last, target)) {
                topics.add(new FetchResponse.FetchableTopicResponse()
                        .topic(target.topic() == null ? "" : target.topic())
                        .topicId(target.topicId()));
            }
            topics.get(topics.size() - 1).partitions().add(one.data());
            last = target;
        }
        return topics;
    }

    private static boolean sameTopic(FetchTarget a, FetchTarget b) {
        return a.topicId().equals(b.topicId())
                && Objects.equals(a.key().topic(), b.key().topic());
    }
}
