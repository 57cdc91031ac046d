/*
 * The slow paths of the standard library's Mutex, where the thread sanitizer sees them.
 *
 * Synchronization.Mutex compiles its fast path into the program, which is instrumented, but waits in the standard library, which
 * is not: the sanitizer then misses that a waiting thread comes after the one that unlocked, and reports races that are none.
 * The program's own definitions go before a shared library's, so these take their place. They do the same: the futex holds the
 * owner's thread id, and the kernel hands it over (see stdlib/public/Synchronization/Mutex/LinuxImpl.swift of Swift).
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

static long futex(uint32_t *word, int operation) {
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) uint32_t *word)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
__attribute__((swiftcall)) bool try_lock_slow(__attribute__((swift_context)) uint32_t *word)
    __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) uint32_t *word)
    __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) uint32_t *word) {
    (void)thread;
    while (futex(word, FUTEX_LOCK_PI) != 0) {
        /* A lock that its own thread holds, or a word that is no lock, is a bug that must not be waited for. */
        if (errno != EINTR && errno != EAGAIN) abort();
    }
    __tsan_acquire(word);
}

__attribute__((swiftcall)) bool try_lock_slow(__attribute__((swift_context)) uint32_t *word) {
    if (futex(word, FUTEX_TRYLOCK_PI) != 0) return false;
    __tsan_acquire(word);
    return true;
}

__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) uint32_t *word) {
    __tsan_release(word);
    while (futex(word, FUTEX_UNLOCK_PI) != 0) {
        if (errno != EINTR && errno != EAGAIN) abort();
    }
}
