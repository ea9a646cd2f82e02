/* Who may poll a server: leases, certainty, claims, hand-over. README.md explains it; `run` checks it.
 *
 * One server is enough: keys of different servers do not influence each other. Time is counted in ticks; all
 * that happens between two ticks takes no time and happens in any order.
 *
 * What tells leases, and revisions of the key, apart is not their number: those never come back, so it is
 * enough to know whether the one that somebody holds is still the present one (`*_former`, `*_matches`).
 */

#ifndef NODES
#define NODES 2
#endif
#ifndef MISHAPS
#define MISHAPS 2 /* how many, of any kind */
#endif

/* Each turns one rule of the design off. `run` checks that each is found. */
#ifdef FAULT_CERTAIN_FROM_ANSWER
#define KNOWN_AGE(n) 0
#else
#define KNOWN_AGE(n) lease_age[n]
#endif
#ifdef FAULT_CLAIM_WITHOUT_LEASE
#define CLAIM_ALLOWED(lease_lives) true
#define LEASE_OF_CLAIM(n) NOBODY
#else
#define CLAIM_ALLOWED(lease_lives) lease_lives
#define LEASE_OF_CLAIM(n) n
#endif
#ifdef FAULT_TRANSFER_WITHOUT_COMPARE
#define TRANSFER_ALLOWED(matches) true
#else
#define TRANSFER_ALLOWED(matches) matches
#endif
#ifdef FAULT_TRANSFER_KEEPS_OLD_LEASE
#define LEASE_OF_TRANSFER(from, to) from
#else
#define LEASE_OF_TRANSFER(from, to) to
#endif
#ifdef FAULT_TRANSFER_DURING_CALL
#define MAY_TRANSFER(n) true
#else
#define MAY_TRANSFER(n) !calling[n]
#endif
#ifdef FAULT_GRANT_AFTER_UNKNOWN
#define AFTER_UNKNOWN(n) keeps(n)
#else
#define AFTER_UNKNOWN(n) skip
#endif
#ifdef FAULT_REFUSED_MEANS_OURS
#define AFTER(result) (result == yes -> moved : kept)
#else
#define AFTER(result) (result == lease_lost -> kept : moved)
#endif
#ifdef FAULT_OWN_NAME_IS_ENOUGH
#define OWN_LEASE(n) true
#else
#define OWN_LEASE(n) (view_former[n] == lease_former[n])
#endif
#ifdef FAULT_REVOKE_DURING_CALL
#define MAY_REVOKE(n) true
#else
#define MAY_REVOKE(n) !calling[n]
#endif
#ifdef FAULT_CHECK_NOT_RIGHT_BEFORE_CALL
#define MAY_CALL(n) checked[n]
#else
#define MAY_CALL(n) certain(n)
#endif
#ifdef FAULT_NO_MARGIN
#define MARGIN 0
#else
#define MARGIN 1  /* between what a node calls certain and what is */
#endif
#define TTL 3     /* of a lease */
#define POLL 1    /* the longest call to the server */
#define LOG 3     /* changes that etcd keeps for those who watch */
#define SETTLED (TTL + 1) /* ticks after the last mishap: a lease runs out, and one more try */
#define NOBODY NODES
#define SURE (TTL - MARGIN)

mtype:answer = { yes, no, lease_lost };
mtype:change = { joined, put, gone };
mtype:move = { kept, held, doubtful, moved };

/* ---- etcd ---- */
bool alive[NODES];      /* the lease of that node's entry under nodes/ */
byte left[NODES];       /* ticks before it may be taken away */
byte owner = NOBODY;    /* value of the server's key */
byte key_lease = NOBODY; /* whose lease the key is under */
mtype:change log_what[LOG];
byte log_node[LOG];
bool log_flag[LOG];     /* joined, put: its lease is gone by now; gone: the key went with it */
byte log_size;

/* ---- what a node (its cluster_member) knows ---- */
bool up[NODES], frozen[NODES], draining[NODES];
bool lease[NODES];      /* it believes to have one ... */
bool lease_former[NODES]; /* ... which is gone */
byte until[NODES];      /* certain_until, in ticks from now */
bool lease_answer[NODES]; /* that it lives: under way, late */
byte lease_age[NODES];  /* ticks since the request was sent */
bool lease_waits[NODES]; /* was refused: asks again after the next tick */
bool lists[NODES];      /* has to read everything anew */
byte seen[NODES];       /* changes of the log that it has read */
byte view[NODES];       /* the owner, as it knows */
bool view_former[NODES]; /* the lease it saw with it is gone */
bool peer[NODES * NODES]; /* row: this node sees the entry of that one */
bool peer_former[NODES * NODES];
mtype:move move[NODES]; /* of cluster_moves */
byte heir[NODES];       /* whom it hands over to */
bool heir_matches[NODES]; /* the revision of the key that it hands over is the present one */

/* ---- a commit that has timed out: it may be done later ---- */
bool late[NODES];
byte late_to[NODES];    /* the node itself: a claim; another one: a transfer */
bool late_alive[NODES]; /* the lease that it names lives */
bool late_matches[NODES]; /* transfer: the revision that it compares is the present one */

/* ---- poll_permit ---- */
bool permit[NODES];
bool calling[NODES];
byte call_age[NODES];
bool call_disturbed[NODES]; /* the process was frozen during the call: it can't end it in time */
bool checked[NODES];    /* FAULT_CHECK_NOT_RIGHT_BEFORE_CALL only */

/* ---- the world ---- */
bool cut[NODES];        /* off from etcd */
bool away;              /* etcd: no leader, or no quorum */
byte mishaps_left = MISHAPS;
bool calm;              /* no mishaps any more */
byte calm_ticks;

byte i, j, k;            /* of one step */

/* The last part of a step. */
inline rest() { i = 0; j = 0; k = 0 }

#define works(n) (up[n] && !frozen[n])
#define linked(n) (works(n) && !cut[n] && !away)
#define certain(n) (permit[n] && until[n] >= POLL)
#define sees(n, m) peer[(n) * NODES + (m)]
#define sees_former(n, m) peer_former[(n) * NODES + (m)]

/* Property: never two nodes certain of one server. */
inline check_certainty() {
  k = 0;
  for (i : 0 .. NODES - 1) { k = k + (up[i] && certain(i) -> 1 : 0) }
  assert(k <= 1)
}

/* ---- etcd ---- */
inline forget_oldest_change() {
  for (i : 1 .. LOG - 1) {
    log_what[i - 1] = log_what[i]; log_node[i - 1] = log_node[i]; log_flag[i - 1] = log_flag[i]
  }
  log_size--;
  log_what[log_size] = joined; log_node[log_size] = 0; log_flag[log_size] = 0;
  for (i : 0 .. NODES - 1) {
    if
    :: seen[i] > 0 -> seen[i]--
    :: seen[i] == 0 && !lists[i] -> lists[i] = 1 /* the watch was too slow: compacted */
    :: else
    fi
  }
}

/* What everybody has read is not kept. */
inline trim_log() {
  do
  :: log_size == 0 -> break
  :: else ->
     k = 0;
     for (i : 0 .. NODES - 1) { k = k + (!lists[i] && seen[i] == 0 -> 1 : 0) }
     if
     :: k == 0 -> forget_oldest_change()
     :: else -> break
     fi
  od
}

inline record(what, who, flag) {
  if
  :: log_size == LOG -> forget_oldest_change()
  :: else
  fi;
  log_what[log_size] = what; log_node[log_size] = who; log_flag[log_size] = flag;
  log_size++;
  trim_log()
}

inline key_changes() {
  for (i : 0 .. NODES - 1) { late_matches[i] = 0; heir_matches[i] = 0 }
}

inline lease_ends(n) {
  alive[n] = 0; left[n] = 0;
  for (i : 0 .. LOG - 1) {
    if
    :: i < log_size && log_node[i] == n && log_what[i] != gone -> log_flag[i] = 1
    :: else
    fi
  }
  for (i : 0 .. NODES - 1) {
    view_former[i] = (view[i] == n -> 1 : view_former[i]);
    sees_former(i, n) = sees(i, n);
    late_alive[i] = (late_to[i] == n -> 0 : late_alive[i])
  }
  lease_former[n] = lease[n] || lease_answer[n];
  if
  :: key_lease == n -> owner = NOBODY; key_lease = NOBODY; key_changes(); record(gone, n, 1)
  :: else -> record(gone, n, 0)
  fi
}

inline put_key(who, its_lease) {
  owner = who; key_lease = its_lease; key_changes(); record(put, who, 0)
}

/* A transaction reaches etcd; j: what it answers. */
inline apply(me, target, lives, matches) {
  if
  :: target == me && CLAIM_ALLOWED(lives) && owner == NOBODY -> /* claim: create if absent, under the own lease */
     put_key(me, LEASE_OF_CLAIM(me)); j = yes
  :: target != me && TRANSFER_ALLOWED(matches) && lives -> /* transfer: to the lease of the new owner */
     put_key(target, LEASE_OF_TRANSFER(me, target)); j = yes
  :: target != me && TRANSFER_ALLOWED(matches) && !lives -> j = lease_lost
  :: else -> j = no
  fi
}

/* ---- a node ---- */

/* Is the call to the server allowed: ours, under the lease that we hold, and not about to be handed over? */
inline decide(n) {
  permit[n] = (view[n] == n && lease[n] && OWN_LEASE(n) && move[n] == kept && !draining[n]);
  checked[n] = checked[n] && permit[n];
  check_certainty()
}

/* No hand-over, or no longer. */
inline keeps(n) { move[n] = kept; heir[n] = 0; heir_matches[n] = 0 }

/* The view becomes what etcd holds; the watch goes on from there. */
inline list(n) {
  lists[n] = 0; seen[n] = log_size;
  view[n] = owner; view_former[n] = 0;
  for (i : 0 .. NODES - 1) { sees(n, i) = (i != n && alive[i]); sees_former(n, i) = 0 }
  /* a transfer that may still be done is not over because the key is still ours, at the same revision */
  if
  :: !heir_matches[n] -> keeps(n)
  :: else
  fi;
  trim_log(); decide(n)
}

inline read_change(n) {
  i = seen[n]; seen[n]++; j = log_node[i];
  if
  :: log_what[i] == joined -> printf("node %d joined\n", j); 
     sees(n, j) = (j != n); sees_former(n, j) = (j != n && log_flag[i])
  :: log_what[i] == put -> printf("key is of node %d\n", j); view[n] = j; view_former[n] = log_flag[i]; keeps(n)
  :: log_what[i] == gone -> printf("node %d gone\n", j);
     sees(n, j) = 0; sees_former(n, j) = 0;
     if
     :: log_flag[i] -> view[n] = NOBODY; view_former[n] = 0; keeps(n)
     :: else
     fi
  fi;
  trim_log(); decide(n)
}

#define names_living(n, to) (to == n -> !lease_former[n] : sees(n, to) && !sees_former(n, to))

/* Not committed after a time-out may mean that the first try was: the watch will tell. With a new owner whose
   lease is gone no try can have been, nor can be later. */
inline committed(n, result) {
  move[n] = AFTER(result);
  if
  :: move[n] == kept -> keeps(n)
  :: else
  fi;
  decide(n)
}

inline ends(n) { /* the process: crash, or its own end */
  up[n] = 0; frozen[n] = 0; draining[n] = 0; lease[n] = 0; lease_former[n] = 0; until[n] = 0;
  lease_answer[n] = 0; lease_age[n] = 0; lease_waits[n] = 0;
  lists[n] = 1; seen[n] = 0; view[n] = NOBODY; view_former[n] = 0; keeps(n);
  for (i : 0 .. NODES - 1) { sees(n, i) = 0; sees_former(n, i) = 0 }
  permit[n] = 0; checked[n] = 0; calling[n] = 0; call_age[n] = 0; call_disturbed[n] = 0;
  trim_log()
}

/* What the sticky rule says differs from view to view: before it is calm anybody may think that an orphan is its
   own; then it is that of the first node that is seen. */
#if NODES == 2
#define EACH(p) (p(0) && p(1))
#define ANY(p) (p(0) || p(1))
#define first_of_living(n) (n == 0 || !sees(n, 0))
#define sees_nobody(n) (!sees(n, (n + 1) % 2))
#else
#define EACH(p) (p(0) && p(1) && p(2))
#define ANY(p) (p(0) || p(1) || p(2))
#define first_of_living(n) (n == 0 || !sees(n, 0) && (n == 1 || !sees(n, 1)))
#define sees_nobody(n) (!sees(n, (n + 1) % 3) && !sees(n, (n + 2) % 3))
#endif
#define may_claim(n) (view[n] == NOBODY && lease[n] && !draining[n] && !lists[n])

#define may_release(n, m) (works(n) && sees(n, m) && view[n] == n && move[n] == kept && \
                           (draining[n] || permit[n] && !calm))

inline withdraw(me, m) {
  printf("%d withdraws the permit, for %d\n", me, m);
  move[me] = held; heir[me] = m;
  /* the view is the newest revision of the key if no change of it is unread */
  heir_matches[me] = !lists[me];
  for (i : 0 .. LOG - 1) {
    heir_matches[me] = heir_matches[me] &&
      !(i >= seen[me] && i < log_size && (log_what[i] == put || log_what[i] == gone && log_flag[i]))
  }
  decide(me)
}

/* What etcd does by itself. */
proctype etcd(byte n) {
  do
  :: d_step { alive[n] && left[n] == 0 && !away -> printf("etcd: lease of %d has run out\n", n); lease_ends(n); rest() }
  :: d_step { late[n] && !away -> printf("etcd: late commit of %d\n", n); late[n] = 0;
       apply(n, late_to[n], late_alive[n], late_matches[n]);
       late_to[n] = 0; late_alive[n] = 0; late_matches[n] = 0; rest() }
  :: d_step { late[n] -> printf("etcd: late commit of %d never comes\n", n);
       late[n] = 0; late_to[n] = 0; late_alive[n] = 0; late_matches[n] = 0 }
  od
}

/* A request takes no time, unless a mishap befalls it. */
#define MISHAP(possible) d_step { !calm && mishaps_left > 0 && possible -> mishaps_left--

#define may_grant(n) (linked(n) && !lease[n] && !lease_answer[n] && !lease_waits[n] && !draining[n])
#define may_keep_alive(n) (linked(n) && lease[n] && !lease_answer[n] && until[n] < SURE)
#define may_claim_now(n) (linked(n) && may_claim(n) && (!calm || first_of_living(n)))
#define may_transfer(n) (linked(n) && (move[n] == doubtful || move[n] == held && MAY_TRANSFER(n)))

#define may_take_back(n) (linked(n) && move[n] == doubtful && !draining[n])

inline loses_lease(n) { lease[n] = 0; lease_former[n] = 0; until[n] = 0 }

inline commit_times_out(me, target) {
  late[me] = 1; late_to[me] = target; late_alive[me] = names_living(me, target); late_matches[me] = heir_matches[me]
}

/* A node: the parts of its cluster_member, and its pollers. */
proctype lease_part(byte n) {
  do
  :: d_step { may_grant(n) -> printf("%d: grant\n", n);
       /* the node's entry is created if absent: one that is there is a former self, or somebody of that name */
       if
       :: !alive[n] -> alive[n] = 1; left[n] = TTL; lease[n] = 1; until[n] = SURE; record(joined, n, 0)
       :: else -> lease_waits[n] = 1
       fi;
       decide(n); rest() }
  :: d_step { may_keep_alive(n) -> printf("%d: keep_alive\n", n);
       if
       :: alive[n] && !lease_former[n] -> left[n] = TTL; until[n] = SURE
       :: else -> loses_lease(n)
       fi;
       decide(n); rest() }
  :: MISHAP(may_grant(n) && !alive[n]); printf("%d: grant, the answer will be late\n", n);
       alive[n] = 1; left[n] = TTL; lease_answer[n] = 1; record(joined, n, 0); rest() }
  :: MISHAP(may_keep_alive(n) && alive[n] && !lease_former[n]); printf("%d: keep_alive, the answer will be late\n", n);
       left[n] = TTL; lease_answer[n] = 1 }
  :: d_step { works(n) && lease_answer[n] -> printf("%d: the late answer: lease lives\n", n);
       lease[n] = 1;
       until[n] = (SURE - KNOWN_AGE(n) > until[n] -> SURE - KNOWN_AGE(n) : until[n]);
       lease_answer[n] = 0; lease_age[n] = 0; decide(n); rest() }
  :: d_step { works(n) && lease_answer[n] -> printf("%d: the lease call has timed out\n", n);
       lease_former[n] = (lease[n] -> lease_former[n] : 0); lease_answer[n] = 0; lease_age[n] = 0 }
  od
}

proctype view_part(byte n) {
  do
  :: d_step { linked(n) && lists[n] -> printf("%d lists\n", n); list(n); rest() }
  :: d_step { linked(n) && !lists[n] && seen[n] < log_size -> printf("%d watches: ", n); read_change(n); rest() }
  od
}

proctype ownership_part(byte n) {
  do
  :: d_step { may_claim_now(n) -> printf("%d: commit, claim\n", n); apply(n, n, !lease_former[n], 0); rest() }
  :: MISHAP(may_claim_now(n) && !late[n]); printf("%d: commit, claim: timed out\n", n); commit_times_out(n, n) }
  /* hand-over */
  :: d_step { may_release(n, (n + 1) % NODES) -> withdraw(n, (n + 1) % NODES); rest() }
#if NODES > 2
  :: d_step { may_release(n, (n + 2) % NODES) -> withdraw(n, (n + 2) % NODES); rest() }
#endif
  :: d_step { may_transfer(n) -> printf("%d: commit, transfer\n", n);
       apply(n, heir[n], names_living(n, heir[n]), heir_matches[n]); committed(n, j); rest() }
  :: MISHAP(may_transfer(n) && !late[n]); printf("%d: commit, transfer: timed out\n", n);
       /* it is done, or not, or will be */
       move[n] = doubtful; commit_times_out(n, heir[n]); AFTER_UNKNOWN(n); decide(n); rest() }
  :: d_step { works(n) && move[n] == held && !draining[n] -> printf("%d keeps it after all\n", n); keeps(n); decide(n); rest() }
  :: d_step { may_take_back(n) -> printf("%d: commit, writes its key anew\n", n); /* voids what may still be done */
       if
       :: heir_matches[n] && !lease_former[n] -> put_key(n, n)
       :: else
       fi;
       move[n] = moved; decide(n); rest() }
  /* the end in order: all handed over, or nobody to hand over to; then revoke */
  :: d_step { linked(n) && draining[n] && !lease_answer[n] && (view[n] != n || sees_nobody(n)) && MAY_REVOKE(n) ->
       printf("%d revokes and ends\n", n);
       if
       :: alive[n] && lease[n] && !lease_former[n] -> lease_ends(n)
       :: else
       fi;
       draining[n] = 0; loses_lease(n); keeps(n); decide(n);
       if
       :: calling[n] /* a fault */
       :: else -> ends(n)
       fi;
       rest() }
  od
}

proctype poller(byte n) {
  do
#ifdef FAULT_CHECK_NOT_RIGHT_BEFORE_CALL
  :: d_step { works(n) && certain(n) && !calling[n] && !checked[n] -> checked[n] = 1 }
#endif
  :: d_step { works(n) && MAY_CALL(n) && !calling[n] -> printf("%d calls\n", n);
       checked[n] = 0; calling[n] = 1; call_age[n] = 0;
       /* Property: no two calls at once. */
       for (i : 0 .. NODES - 1) { assert(i == n || !calling[i] || call_disturbed[i]) }; rest() }
  :: d_step { works(n) && calling[n] -> printf("%d: call ends\n", n);
       calling[n] = 0; call_age[n] = 0; call_disturbed[n] = 0 }
  od
}

/* ---- time ---- */

/* Nobody's call outlasts its time limit; only a frozen process can't end it. */
#define no_call_is_due(n) !(works(n) && calling[n] && call_age[n] >= POLL)

/* Only mishaps take time: before a tick everybody whom none hinders has done what there was to do. */
#define is_done(n) ((away || !alive[n] || left[n] > 0) && !(calm && (late[n] || lease_answer[n])) && (!linked(n) || \
                    !draining[n] && !lists[n] && seen[n] == log_size && move[n] == kept && \
                    (lease_answer[n] && !calm || lease[n] && until[n] == SURE || !lease[n] && lease_waits[n]) && \
                    !(may_claim(n) && first_of_living(n))))

inline tick() {
  for (i : 0 .. NODES - 1) {
    left[i] = (left[i] > 0 -> left[i] - 1 : 0);
    until[i] = (until[i] > 0 -> until[i] - 1 : 0);
    lease_age[i] = (lease_answer[i] && lease_age[i] < SURE -> lease_age[i] + 1 : lease_age[i]);
    lease_waits[i] = 0;
    call_age[i] = (calling[i] && call_age[i] < POLL -> call_age[i] + 1 : call_age[i])
  }
}

#define OWNED (owner < NODES && up[owner] && certain(owner))

active proctype time() {
  do
  :: d_step { EACH(no_call_is_due) && EACH(is_done) -> printf("tick\n");
       /* Property: owned in the end, at the latest when a former lease has run out and been noticed. */
       assert(calm_ticks < SETTLED || OWNED);
       calm_ticks = (calm && calm_ticks < SETTLED -> calm_ticks + 1 : calm_ticks);
       tick(); rest() };
#ifdef LIVENESS
progress_of_time:
       skip
#endif
  od
}

/* ---- mishaps ---- */
#define unhindered(n) (!frozen[n] && !cut[n])
#define remains(n) (up[n] && !draining[n])

proctype mishaps(byte n) {
#ifdef LIVENESS
progress_to_calm:
#endif
  do
  :: MISHAP(up[n]); printf("%d crashes\n", n); ends(n); rest() }
  :: d_step { !calm && !up[n] && !away -> printf("%d starts\n", n); up[n] = 1; list(n); rest() }
  :: MISHAP(works(n)); printf("%d freezes\n", n); frozen[n] = 1; call_disturbed[n] = calling[n] }
  :: d_step { frozen[n] -> printf("%d thaws\n", n); frozen[n] = 0 }
  :: MISHAP(!cut[n]); printf("%d is cut off\n", n); cut[n] = 1 }
  :: d_step { cut[n] -> printf("%d is no longer cut off\n", n); cut[n] = 0 }
  :: MISHAP(n == 0 && !away); printf("etcd: no leader\n"); away = 1 }
  :: d_step { n == 0 && away -> printf("etcd: new leader, leases anew\n"); away = 0;
       for (i : 0 .. NODES - 1) { left[i] = (alive[i] -> TTL : 0) }; rest() }
  :: d_step { n == 0 && away -> printf("etcd: back as it was\n"); away = 0 }
  :: MISHAP(works(n) && !draining[n]); printf("%d drains\n", n); draining[n] = 1; decide(n); rest() }
  :: d_step { !calm && n == 0 && !away && EACH(unhindered) && ANY(remains) -> printf("calm\n"); calm = 1 }
  :: calm -> break
  od
}

init {
  atomic {
    for (i : 0 .. NODES - 1) {
      lists[i] = 1; view[i] = NOBODY; move[i] = kept
    }
    for (i : 0 .. LOG - 1) { log_what[i] = joined }
    i = 0;
    for (i : 0 .. NODES - 1) { run etcd(i); run lease_part(i); run view_part(i); run ownership_part(i); run poller(i); run mishaps(i) }
    i = 0
  }
}
