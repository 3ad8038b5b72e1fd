/* A stand-in for libnvidia-ml.so.1: the functions, structures and return codes of nvml.h.
 *
 * FAKE_NVML_GPUS        how many GPUs (2)
 * FAKE_NVML_LACKING     a GPU without power, ECC, fan and encoder: returns NOT_SUPPORTED
 * FAKE_NVML_LOST        a GPU that is lost once FAKE_NVML_LOST_FILE exists
 * FAKE_NVML_HANG_FILE   every call of nvmlDeviceGetTemperature hangs while this file exists
 * FAKE_NVML_HANG_INIT   nvmlInit_v2 hangs
 * FAKE_NVML_NO_DRIVER   nvmlInit_v2 returns DRIVER_NOT_LOADED
 * FAKE_NVML_CRASH_FILE  once this file exists, the library crashes the process
 * FAKE_NVML_PIDS        processes on GPU 1, with commas; the n-th has n GiB there
 * FAKE_NVML_GPM         the one GPU of Hopper, with performance monitoring (1); it has no NVLink
 * FAKE_NVML_MANY        so many further processes on each GPU
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3,
    INSUFFICIENT_SIZE = 7, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15
};

typedef int nvmlReturn_t;
typedef struct device { unsigned int index; } *nvmlDevice_t;
typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct {
    unsigned int pid;
    unsigned long long usedGpuMemory;
    unsigned int gpuInstanceId;
    unsigned int computeInstanceId;
} nvmlProcessInfo_t;

#define GIB (1ull << 30)

static struct device devices[64];
static int is_initialised;

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

static int there_is(const char *name) {
    const char *path = getenv(name);
    return path && access(path, F_OK) == 0;
}

static nvmlReturn_t check(nvmlDevice_t device) {
    if (!is_initialised) return UNINITIALIZED;
    if (device < devices || device >= devices + number("FAKE_NVML_GPUS", 2)) return INVALID_ARGUMENT;
    if (there_is("FAKE_NVML_CRASH_FILE")) raise(SIGSEGV);
    if ((int)device->index == number("FAKE_NVML_LOST", -1) && there_is("FAKE_NVML_LOST_FILE"))
        return GPU_IS_LOST;
    return SUCCESS;
}

static nvmlReturn_t check_lacking(nvmlDevice_t device) {
    nvmlReturn_t code = check(device);
    if (code) return code;
    return (int)device->index == number("FAKE_NVML_LACKING", -1) ? NOT_SUPPORTED : SUCCESS;
}

#define CHECK(found) do { nvmlReturn_t code = (found); if (code) return code; } while (0)

nvmlReturn_t nvmlInit_v2(void) {
    if (getenv("FAKE_NVML_HANG_INIT")) for (;;) pause();
    if (getenv("FAKE_NVML_NO_DRIVER")) return DRIVER_NOT_LOADED;
    for (unsigned int i = 0; i < 64; i++) devices[i].index = i;
    is_initialised = 1;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    if (!is_initialised) return UNINITIALIZED;
    *count = number("FAKE_NVML_GPUS", 2);
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if ((int)index >= number("FAKE_NVML_GPUS", 2)) return INVALID_ARGUMENT;
    *device = &devices[index];
    return check(*device);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
    CHECK(check(device));
    if (length < 41) return INSUFFICIENT_SIZE;
    snprintf(uuid, length, "GPU-%08x-0000-0000-0000-000000000000", device->index);
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *found) {
    CHECK(check(device));
    found->gpu = 90 + device->index;
    found->memory = 40 + device->index;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *found) {
    CHECK(check(device));
    found->total = 80 * GIB;
    found->used = (20 + device->index) * GIB;
    found->free = found->total - found->used;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius) {
    CHECK(check(device));
    if (sensor != 0) return INVALID_ARGUMENT;
    while (there_is("FAKE_NVML_HANG_FILE")) usleep(1000);
    *celsius = 60 + device->index;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) {
    CHECK(check_lacking(device));
    *milliwatts = 350500;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *milliwatts) {
    CHECK(check_lacking(device));
    *milliwatts = 701000;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetFanSpeed(nvmlDevice_t device, unsigned int *percent) {
    CHECK(check_lacking(device));
    *percent = 33;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, int kind, unsigned int *mhz) {
    CHECK(check(device));
    if (kind < 0 || kind > 3) return INVALID_ARGUMENT;
    *mhz = (unsigned int[]){1750, 1755, 2619, 1500}[kind];
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(
    nvmlDevice_t device, int kind, int counter, int location, unsigned long long *count
) {
    CHECK(check_lacking(device));
    if (counter != 0 || location != 2) return INVALID_ARGUMENT;
    *count = kind == 0 ? 5000000000ull : 1;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetEncoderUtilization(
    nvmlDevice_t device, unsigned int *percent, unsigned int *period_micros
) {
    CHECK(check_lacking(device));
    *percent = 12;
    *period_micros = 1000000;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned int *generation) {
    CHECK(check(device));
    *generation = 5;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned int *width) {
    CHECK(check(device));
    *width = 16;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPcieSpeed(nvmlDevice_t device, unsigned int *megabytes) {
    CHECK(check_lacking(device));
    *megabytes = 32000;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *found
) {
    CHECK(check(device));
    unsigned int pids[64], n = 0, many = number("FAKE_NVML_MANY", 0);
    char *text = strdup(device->index == 1 && getenv("FAKE_NVML_PIDS") ? getenv("FAKE_NVML_PIDS") : "");
    for (char *one = strtok(text, ","); one && n < 64; one = strtok(NULL, ",")) pids[n++] = atoi(one);
    free(text);
    unsigned int room = *count;
    *count = n + many;
    if (n + many > room) return INSUFFICIENT_SIZE;
    for (unsigned int i = 0; i < n + many; i++) {
        found[i].pid = i < n ? pids[i] : 4000000 + i;
        found[i].usedGpuMemory = i < n ? (i + 1) * GIB : ~0ull;
        found[i].gpuInstanceId = found[i].computeInstanceId = 0xFFFFFFFF;
    }
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *found
) {
    CHECK(check(device));
    *count = 0;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long *millijoules) {
    CHECK(check_lacking(device));
    *millijoules = 53692587;
    return SUCCESS;
}

typedef struct sample { nvmlDevice_t device; unsigned int n; } *nvmlGpmSample_t;
typedef struct { unsigned int version, isSupportedDevice; } nvmlGpmSupport_t;
typedef struct {
    unsigned int metricId;
    nvmlReturn_t nvmlReturn;
    double value;
    struct { char *shortName, *longName, *unit; } metricInfo;
} nvmlGpmMetric_t;
typedef struct {
    unsigned int version, numMetrics;
    nvmlGpmSample_t sample1, sample2;
    nvmlGpmMetric_t metrics[];
} nvmlGpmMetricsGet_t;

nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t device, nvmlGpmSupport_t *support) {
    CHECK(check(device));
    if (support->version != 1) return INVALID_ARGUMENT;
    support->isSupportedDevice = (int)device->index == number("FAKE_NVML_GPM", 1);
    return SUCCESS;
}

nvmlReturn_t nvmlGpmSampleAlloc(nvmlGpmSample_t *sample) {
    *sample = calloc(1, sizeof **sample);
    return SUCCESS;
}

nvmlReturn_t nvmlGpmSampleGet(nvmlDevice_t device, nvmlGpmSample_t sample) {
    static unsigned int n;
    CHECK(check(device));
    if ((int)device->index != number("FAKE_NVML_GPM", 1)) return NOT_SUPPORTED;
    sample->device = device;
    sample->n = ++n;
    return SUCCESS;
}

nvmlReturn_t nvmlGpmMetricsGet(nvmlGpmMetricsGet_t *query) {
    if (query->version != 1 || !query->sample1->device || query->sample2->n <= query->sample1->n)
        return INVALID_ARGUMENT;
    for (unsigned int i = 0; i < query->numMetrics; i++) {
        nvmlGpmMetric_t *metric = &query->metrics[i];
        metric->nvmlReturn = metric->metricId >= 60 ? NOT_SUPPORTED : SUCCESS;
        metric->value = metric->metricId + 0.25;
    }
    return SUCCESS;
}
