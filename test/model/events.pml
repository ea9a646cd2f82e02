/* Who publishes an event that Sense sends to two nodes: hold-back and digests. README.md explains it; `run`
 * checks it.
 *
 * One event is enough: events do not influence each other. Node 0 is its owner while it lives, as node 1 sees it.
 * Time is counted in ticks; what happens between two ticks takes no time and happens in any order.
 */

#ifndef MISHAPS
#define MISHAPS 3 /* how many, of any kind */
#endif

#ifndef CHANNEL_OF_1
#define CHANNEL_OF_1 channel_up /* at the start */
#endif

/* Each turns one rule of the design off. `run` checks that each is found. */
/* The clock of the hold-back counts no time in which nothing could be heard, or its own node did nothing. */
#ifdef FAULT_CLOCK_RUNS_WHILE_CHANNEL_IS_DOWN
#define CLOCK_RUNS(n) works(n)
#define GRACE 0
#elif defined(FAULT_CLOCK_RUNS_WHILE_FROZEN)
#define CLOCK_RUNS(n) (channel[n] == channel_up)
#define GRACE 0
#else
#define CLOCK_RUNS(n) (channel[n] == channel_up && works(n))
#define GRACE 1   /* more of it afterwards */
#endif
#ifdef FAULT_BACKLOG_BEFORE_DIGESTS
#define MAY_SEND(n) true
#else
#define MAY_SEND(n) (channel[n] == channel_up || gave_up[n])
#endif
#ifdef FAULT_UP_BEFORE_DIGESTS_ARE_READ
#define MAY_BE_UP(n) true
#else
#define MAY_BE_UP(n) nothing_unread(n) /* the marker comes behind them */
#endif
#ifdef FAULT_NEVER_ACCEPTED
#define PROMISES false
#else
#define PROMISES true
#endif
#ifdef FAULT_ACCEPTED_IS_PUBLISHED
#define HEARS_ACCEPTED(n) hears_published(n)
#else
#define HEARS_ACCEPTED(n) hears_accepted(n)
#endif
#ifdef FAULT_ANNOUNCED_WHEN_SENT
#define ANNOUNCED_WHEN(x) (x == sent)
#else
#define ANNOUNCED_WHEN(x) (x == published)
#endif
#ifdef FAULT_PROMISE_ENDS_WITH_THE_LEASE_ONLY
#define PROMISE_ENDS(n) (certain[n] && !sees[n])
#else
#define PROMISE_ENDS(n) (certain[n] && !sees[n] || silence[n] >= SILENCE)
#endif
#ifdef FAULT_EARLY_DIGEST_IS_FORGOTTEN
#define REMEMBERS false
#else
#define REMEMBERS true
#endif

#define HOLD 2    /* holdBack */
#define SILENCE 3 /* of a node that has accepted: then its promise is over */
#define SETTLED 5 /* ticks after the last mishap */
#define OTHER(n) (1 - (n))

mtype:state = { nothing, outbox, sent, published, held_back, suppressed, dropped };
mtype:link = { channel_down, channel_catching_up, channel_up };

/* ---- a node: shared_events, held_events, own_events, event_owners ---- */
bool up[2] = true, frozen[2];
bool arrived[2];          /* its datagram has come, or is lost */
mtype:state copy[2] = nothing;
byte due[2];              /* held back: ticks left, by its hold_clock */
bool accepted_by_other[2], abandoned[2], heard_published[2];
byte silence[2];          /* ticks since the other was heard */
bool promised[2];         /* has told that it accepted the event */
bool gave_up[2];          /* waits no longer for the channel: blind, or catch_up is over */
bool tell_published[2], tell_abandoned[2], alive_told[2];
bool certain[2] = true;   /* of its view */
bool sees[2] = true;      /* the other in it */
bool known[2] = true;     /* there has been a certain view */

/* ---- the broker ---- */
bool broker[2] = true;    /* the connection of the publishers */
mtype:link channel[2] = channel_up; /* that of the cluster_channel; its session outlives it */
bool got[2];              /* the event from this node */
bool unread_published[2], unread_accepted[2], unread_abandoned[2]; /* digests for this node */
bool taken[2];            /* it has it, and has not acknowledged it to the node */

/* ---- etcd, the world ---- */
bool lease[2] = true;
bool lease_may_end[2];    /* it has not been kept alive for a tick */
byte mishaps_left = MISHAPS;
bool calm;
byte calm_ticks;
bool reached[2];          /* the event has reached this node, which has lived on since */
bool was_hindered[2], was_up[2]; /* before the last tick */
bool given_away[2];       /* a mishap has taken it from the outbox: counted there */
bool allowed;             /* the guide allows a duplicate */
byte i;                   /* of one step */

#define works(n) (up[n] && !frozen[n])
#define open(n) (copy[n] == outbox || copy[n] == sent)
#define has_it(n) (open(n) || copy[n] == held_back || copy[n] == published)
#define is_ours(n) (known[n] && (n == 0 || !sees[n]))
#define hindered(n) (!works(n) || channel[n] != channel_up || !broker[n] || !certain[n] || !lease[n] || gave_up[n])
#define unannounced(n) (got[n] && copy[n] != published && !unread_published[OTHER(n)] && !heard_published[OTHER(n)] || \
                        got[n] && tell_published[n])
/* It joins (anew) when it hears the others, or waits for that no longer. */
#define may_join(n) (lease[n] || channel[n] == channel_up || gave_up[n])
#define nothing_unread(n) (!unread_published[n] && !unread_accepted[n] && !unread_abandoned[n])

#define MORE_TIME(n) (copy[n] == held_back && due[n] < HOLD -> due[n] + GRACE : due[n])

#define is_due(n) (gave_up[n] || channel[n] == channel_up && \
                   (abandoned[n] || (accepted_by_other[n] -> PROMISE_ENDS(n) : is_ours(n) || due[n] == 0)))

#define EACH(p) (p(0) && p(1))
#define MISHAP(possible) d_step { !calm && mishaps_left > 0 && (possible) -> mishaps_left--

/* ---- digests ---- */
inline hears_published(n) {
  if
  :: copy[n] == held_back -> copy[n] = suppressed; accepted_by_other[n] = 0; abandoned[n] = 0; due[n] = 0
  :: open(n) -> heard_published[n] = 1
  :: copy[n] == nothing -> heard_published[n] = REMEMBERS
  :: else
  fi
}

inline hears_accepted(n) {
  accepted_by_other[n] = (copy[n] == held_back || copy[n] == nothing && REMEMBERS -> 1 : accepted_by_other[n]);
  abandoned[n] = 0
}

proctype twins(byte n) {
end:
  do
  /* own_events: what the others are still to be told */
  :: d_step { works(n) && channel[n] == channel_up && open(n) && !promised[n] && PROMISES ->
       printf("%d tells: accepted\n", n); promised[n] = 1; unread_accepted[OTHER(n)] = 1 }
  :: d_step { works(n) && channel[n] == channel_up && tell_published[n] -> printf("%d tells: published\n", n);
       tell_published[n] = 0; unread_published[OTHER(n)] = 1 }
  :: d_step { works(n) && channel[n] == channel_up && tell_abandoned[n] -> printf("%d tells: abandoned\n", n);
       tell_abandoned[n] = 0; unread_abandoned[OTHER(n)] = 1 }
  :: d_step { works(n) && channel[n] == channel_up && promised[n] && open(n) && !alive_told[n] ->
       alive_told[n] = 1; silence[OTHER(n)] = (works(OTHER(n)) && channel[OTHER(n)] == channel_up -> 0 : silence[OTHER(n)]) }
  /* heard */
  :: d_step { works(n) && channel[n] != channel_down && unread_accepted[n] -> printf("%d hears: accepted\n", n);
       unread_accepted[n] = 0; silence[n] = 0; HEARS_ACCEPTED(n) }
  :: d_step { works(n) && channel[n] != channel_down && !unread_accepted[n] && unread_abandoned[n] ->
       printf("%d hears: abandoned\n", n);
       unread_abandoned[n] = 0; silence[n] = 0; accepted_by_other[n] = 0; abandoned[n] = (copy[n] == held_back) }
  :: d_step { works(n) && channel[n] != channel_down && unread_published[n] ->
       printf("%d hears: published\n", n);
       unread_published[n] = 0; silence[n] = 0; hears_published(n) }
  /* release: time is up, or it is ours now */
  :: d_step { works(n) && copy[n] == held_back && is_due(n) -> printf("%d takes over\n", n);
       copy[n] = outbox; due[n] = 0; accepted_by_other[n] = 0; abandoned[n] = 0;
       /* its peer has it, and could not say so; or was killed, or held up, between publishing and announcing */
       allowed = allowed || gave_up[n] || !certain[n] ||
         hindered(OTHER(n)) && (has_it(OTHER(n)) || unannounced(OTHER(n))) ||
         was_hindered[OTHER(n)] && was_up[n] && (has_it(OTHER(n)) || unread_published[n]) }
  od
}

proctype gate(byte n) {
  /* the datagrams come at about the same time; up to all of them may be lost on the way */
  if
  :: d_step { works(n) && calm_ticks == 0 && !arrived[n] -> printf("%d admits\n", n);
       arrived[n] = 1; reached[n] = 1;
       if
       :: heard_published[n] -> copy[n] = suppressed
       :: !heard_published[n] && (gave_up[n] || !accepted_by_other[n] && is_ours(n)) -> copy[n] = outbox;
          allowed = allowed || gave_up[n] || !certain[n]
       :: else -> copy[n] = held_back; due[n] = HOLD
       fi }
  :: d_step { !arrived[n] -> printf("%d does not get it\n", n); arrived[n] = 1 }
  :: arrived[n]
  fi
}

proctype publisher(byte n) {
end:
  do
  /* published_elsewhere */
  :: d_step { works(n) && copy[n] == outbox && heard_published[n] -> printf("%d suppresses\n", n);
       copy[n] = suppressed; promised[n] = 0 }
  :: d_step { works(n) && copy[n] == outbox && !heard_published[n] && broker[n] && MAY_SEND(n) ->
       printf("%d sends\n", n); copy[n] = sent; tell_published[n] = ANNOUNCED_WHEN(sent);
       /* Property: nothing is sent that the broker announced before our marker. */
       assert(!(unread_published[n] && channel[n] != channel_up) || gave_up[n]) }
  :: d_step { copy[n] == sent && broker[n] && !taken[n] -> printf("the broker takes it from %d\n", n);
       taken[n] = 1; got[n] = 1;
       /* Property: nothing twice, but where it is allowed. */
       assert(!got[OTHER(n)] || allowed) }
  :: d_step { works(n) && copy[n] == sent && broker[n] && taken[n] -> printf("%d: acknowledged\n", n);
       copy[n] = published; taken[n] = 0; promised[n] = 0; alive_told[n] = 0; heard_published[n] = 0;
       tell_published[n] = ANNOUNCED_WHEN(published) }
  :: d_step { works(n) && broker[n] && channel[n] != channel_up && !gave_up[n] && !calm && mishaps_left < MISHAPS ->
       printf("%d waits no longer for the channel\n", n); gave_up[n] = 1 }
  od
}

/* What a node knows of leases. */
proctype member(byte n) {
end:
  do
  :: d_step { works(n) && certain[n] && sees[n] != lease[OTHER(n)] -> printf("%d's view: other %d\n", n, lease[OTHER(n)]);
       sees[n] = lease[OTHER(n)] }
  :: d_step { works(n) && !lease[n] && calm && may_join(n) -> lease[n] = 1; certain[n] = 1; known[n] = 1; sees[n] = lease[OTHER(n)];
       lease_may_end[n] = 0 }
  :: d_step { works(n) && !certain[n] && !calm && may_join(n) -> printf("%d is certain again\n", n);
       lease[n] = 1; certain[n] = 1; known[n] = 1; sees[n] = lease[OTHER(n)]; lease_may_end[n] = 0 }
  :: d_step { works(n) && !certain[n] && calm && lease[n] -> certain[n] = 1; known[n] = 1; sees[n] = lease[OTHER(n)];
       lease_may_end[n] = 0 }
  :: d_step { lease[n] && lease_may_end[n] -> printf("lease of %d ends\n", n);
       allowed = allowed || up[n] && (has_it(n) || unannounced(n)); lease[n] = 0; lease_may_end[n] = 0 }
  od
}

/* Connections come back by themselves. */
proctype connections(byte n) {
end:
  do
  :: d_step { works(n) && !broker[n] -> printf("%d: publishers connect\n", n); broker[n] = 1;
       copy[n] = (copy[n] == sent -> outbox : copy[n]); taken[n] = 0 }
  :: d_step { works(n) && channel[n] == channel_down -> printf("%d: channel connects\n", n);
       channel[n] = channel_catching_up }
  :: d_step { works(n) && channel[n] == channel_catching_up && MAY_BE_UP(n) -> printf("%d: channel is up\n", n);
       channel[n] = channel_up; gave_up[n] = 0; silence[n] = 0;
       due[n] = MORE_TIME(n) }
  od
}

/* ---- time ---- */
/* Whom no mishap hinders has done before the next tick what there was to do; only the broker may be slow. */
#define is_done(n) (arrived[n] && (calm -> works(n) || !lease_may_end[n] : true) && \
                    (!works(n) || (calm -> broker[n] && channel[n] == channel_up && certain[n] && lease[n] && \
                                           sees[n] == lease[OTHER(n)] && !open(n) : true) && \
                     (channel[n] == channel_down || nothing_unread(n)) && \
                     (channel[n] != channel_up || !tell_published[n] && !tell_abandoned[n] && \
                      !(PROMISES && open(n) && !(promised[n] && alive_told[n]))) && \
                     !(copy[n] == held_back && is_due(n)) && !(copy[n] == outbox && heard_published[n])))

#define missed(n) (reached[n] && up[n] && !given_away[n] && !got[0] && !got[1])

active proctype time() {
  do
  :: d_step { EACH(is_done) && calm_ticks < SETTLED -> printf("tick\n");
       for (i : 0 .. 1) {
         due[i] = (copy[i] == held_back && due[i] > 0 && CLOCK_RUNS(i) -> due[i] - 1 : due[i]);
         silence[i] = (copy[i] == held_back && accepted_by_other[i] && silence[i] < SILENCE && CLOCK_RUNS(i) -> silence[i] + 1 : silence[i]);
         alive_told[i] = 0; was_hindered[i] = hindered(i); was_up[i] = (channel[i] == channel_up);
         lease_may_end[i] = (lease[i] && (!works(i) || !certain[i]))
       }
       calm_ticks = (calm -> calm_ticks + 1 : 0);
       i = 0 }
  :: calm_ticks == SETTLED ->
       /* Property: what has reached a node that lives on is published. */
       assert(!missed(0) && !missed(1));
       break
  od
}

/* ---- mishaps ---- */
proctype mishaps(byte n) {
end:
  do
  :: MISHAP(up[n]); printf("%d is killed\n", n);
       allowed = allowed || unannounced(n);
       arrived[n] = 1; /* a start takes longer than the copies are apart */
       up[n] = 0; frozen[n] = 0; copy[n] = nothing; due[n] = 0; reached[n] = 0; promised[n] = 0; gave_up[n] = 0;
       accepted_by_other[n] = 0; abandoned[n] = 0; heard_published[n] = 0; silence[n] = 0; taken[n] = 0;
       tell_published[n] = 0; tell_abandoned[n] = 0; alive_told[n] = 0; certain[n] = 0; known[n] = 0; sees[n] = 0;
       broker[n] = 0; channel[n] = channel_down }
  :: d_step { !calm && !up[n] -> printf("%d starts\n", n); up[n] = 1 }
  :: MISHAP(works(n)); printf("%d freezes\n", n); frozen[n] = 1 }
  :: d_step { frozen[n] -> printf("%d thaws\n", n); frozen[n] = 0;
       due[n] = MORE_TIME(n); silence[n] = 0; certain[n] = certain[n] && !lease_may_end[n] && lease[n] }
  :: MISHAP(works(n) && certain[n]); printf("%d is cut off from etcd\n", n); certain[n] = 0 }
  :: MISHAP(up[n] && broker[n]); printf("%d: publishers lose the broker\n", n); broker[n] = 0 }
  :: MISHAP(up[n] && channel[n] != channel_down); printf("%d: channel loses the broker\n", n); channel[n] = channel_down }
  :: MISHAP(n == 0); printf("the broker restarts and has forgotten its sessions\n");
       for (i : 0 .. 1) {
         allowed = allowed || unread_published[i] || unread_accepted[i] || unannounced(i);
         broker[i] = 0; channel[i] = channel_down;
         unread_published[i] = 0; unread_accepted[i] = 0; unread_abandoned[i] = 0
       }
       i = 0 }
  :: MISHAP(works(n) && copy[n] == outbox); printf("%d: the outbox drops it\n", n);
       allowed = allowed || got[n]; copy[n] = dropped; given_away[n] = 1; tell_abandoned[n] = 1; promised[n] = 0; alive_told[n] = 0 }
  :: d_step { n == 0 && !calm && !frozen[0] && !frozen[1] -> printf("calm\n"); calm = 1 }
  :: calm -> break
  od
}

init {
  atomic {
    for (i : 0 .. 1) {
      run gate(i); run twins(i); run publisher(i); run member(i); run connections(i); run mishaps(i)
    }
    channel[1] = CHANNEL_OF_1; i = 0
  }
}
