/* Preloaded into processes by tests: their wall clock is ahead by the seconds in the file
   SHIM_CLOCK (which may change at any time), the machine has slept for those in SHIM_SLEPT, and
   SHIM_BOOT is read for the system's boot id, as on
   another machine. Each is optional. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t secs_in(const char *name) {
    const char *path = getenv(name);
    char text[32];
    if (!path) return 0;
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return atoll(text);
}

int clock_gettime(clockid_t id, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, id, now);
    if (result == 0 && id == CLOCK_REALTIME) now->tv_sec += secs_in("SHIM_CLOCK");
    if (result == 0 && id == CLOCK_BOOTTIME) now->tv_sec += secs_in("SHIM_SLEPT");
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    if (now) *now = time.tv_sec;
    return time.tv_sec;
}

static const char *redirected(const char *path) {
    const char *boot = getenv("SHIM_BOOT");
    return boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? boot : path;
}

#include "redirected_open.h"
