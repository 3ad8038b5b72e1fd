/* Preloaded into a script by tests: below the folder SHIM_FOLDER the file system is as poor as a
   badly mounted NFS: no locks, no memory maps, no fsync, no links. /proc/self/mountinfo is read
   from SHIM_MOUNTS, where the folder is a mount of type nfs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static int is_path_below(const char *path) {
    const char *folder = getenv("SHIM_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_below(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return is_path_below(path);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL_BELOW(condition, number, value) \
    if (condition) { errno = (number); return (value); }

int flock(int fd, int operation) {
    int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
    FAIL_BELOW(is_below(fd), ENOLCK, -1)
    return real(fd, operation);
}

static int do_fcntl(const char *name, int fd, int command, void *argument) {
    int (*real)(int, int, void *) = (int (*)(int, int, void *))dlsym(RTLD_NEXT, name);
    int is_lock = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
    FAIL_BELOW(is_lock && is_below(fd), ENOLCK, -1)
    return real(fd, command, argument);
}

int fcntl(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return do_fcntl("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return do_fcntl("fcntl64", fd, command, argument);
}

void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
    REAL(mmap);
    FAIL_BELOW(fd >= 0 && is_below(fd), ENODEV, MAP_FAILED)
    return real(start, length, protection, flags, fd, offset);
}

void *mmap64(void *start, size_t length, int protection, int flags, int fd, off64_t offset) {
    REAL(mmap64);
    FAIL_BELOW(fd >= 0 && is_below(fd), ENODEV, MAP_FAILED)
    return real(start, length, protection, flags, fd, offset);
}

int fsync(int fd) {
    REAL(fsync);
    FAIL_BELOW(is_below(fd), EINVAL, -1)
    return real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    FAIL_BELOW(is_below(fd), EINVAL, -1)
    return real(fd);
}

int link(const char *from, const char *to) {
    REAL(link);
    FAIL_BELOW(is_path_below(to), EPERM, -1)
    return real(from, to);
}

int symlink(const char *target, const char *path) {
    REAL(symlink);
    FAIL_BELOW(is_path_below(path), EPERM, -1)
    return real(target, path);
}

static const char *redirected(const char *path) {
    const char *mounts = getenv("SHIM_MOUNTS");
    return mounts && strcmp(path, "/proc/self/mountinfo") == 0 ? mounts : path;
}

#include "redirected_open.h"
