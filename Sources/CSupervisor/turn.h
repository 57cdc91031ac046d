// The loop of the supervisor: waiting for output, ends, cancels and timeouts, and what each of them does to the running step.
#ifndef NIGHTSHIFT_TURN_H
#define NIGHTSHIFT_TURN_H

#include "supervise.h"

/// One round: waits for something, then handles all of it. False when the step is over and its output stored.
bool turn(supervision *state);

/// Stores what waits in an output, now or, without space, in a later round.
void turn_store(supervision *state, output *from);

/// Closes the pipes and notes how much came through them.
void turn_close_outputs(supervision *state);

/// Waits for the processes that have ended, without blocking.
void turn_reap(supervision *state);

/// Stops the attempt if the agent asks for it.
void turn_look_for_cancel(supervision *state);

#endif
