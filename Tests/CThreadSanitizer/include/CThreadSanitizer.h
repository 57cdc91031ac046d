/* Nothing to call: linked into tests under the thread sanitizer, see mutex.c. */
