/* Preloaded into processes by tests: each fsync and fdatasync adds a line "pid path" to the file
   SHIM_SYNCED. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void note(int fd) {
    char link[64], path[4096], line[4200];
    const char *synced = getenv("SHIM_SYNCED");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (!synced || n <= 0) return;
    path[n] = 0;
    int length = snprintf(line, sizeof line, "%d %s\n", (int)getpid(), path);
    int out = open(synced, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0) return;
    if (write(out, line, length) < 0) {}
    close(out);
}

#define SYNC(name)                                                     \
    int name(int fd) {                                                 \
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, #name);      \
        int result = real(fd);                                         \
        if (result == 0) note(fd);                                     \
        return result;                                                 \
    }

SYNC(fsync)
SYNC(fdatasync)
