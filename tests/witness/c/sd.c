/* The disk beneath FatFs, and above it what the firmware's sd.c does to list a directory and to read,
 * write or erase a file: the same calls in the same order. One caller at a time: FatFs has one
 * volume. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ff.h"

#include "diskio.h"

#define LIST_MAX 200u
#define NAME_SIZE (FF_LFN_BUF + 1)
#define SD_MAX_FILE_SIZE 1024u
#define ROOTDIR "0:/bitbox02"

/* Known to src/ffi.rs. */
struct witness_card {
    const void* context;
    uint64_t count;
    uint8_t (*read)(const void* context, uint32_t lba, uint8_t* sector);
    uint8_t (*write)(const void* context, uint32_t lba, const uint8_t* sector);
    uint8_t checks_geometry;
};

/* Where it failed; known to src/ffi.rs. */
enum step { MOUNT = 1, GEOMETRY, PATH, OPEN, LENGTH, READ, WRITE, CLOSE, UNLINK };

static const struct witness_card* card;
static uint64_t refused;
static FATFS fs;

static int32_t failed(enum step step, FRESULT result)
{
    return -(int32_t)(step * 256 + result);
}

DSTATUS disk_initialize(BYTE drive)
{
    (void)drive;
    return 0;
}

DSTATUS disk_status(BYTE drive)
{
    (void)drive;
    return 0;
}

DRESULT disk_read(BYTE drive, BYTE* buffer, LBA_t sector, UINT count)
{
    (void)drive;
    for (UINT i = 0; i < count; i++) {
        uint64_t lba = (uint64_t)sector + i;
        if (lba >= card->count || lba > UINT32_MAX) {
            return RES_ERROR;
        }
        if (!card->read(card->context, (uint32_t)lba, buffer + (size_t)i * FF_MAX_SS)) {
            return RES_ERROR;
        }
    }
    return RES_OK;
}

DRESULT disk_write(BYTE drive, const BYTE* buffer, LBA_t sector, UINT count)
{
    (void)drive;
    for (UINT i = 0; i < count; i++) {
        uint64_t lba = (uint64_t)sector + i;
        if (lba >= card->count || lba > UINT32_MAX ||
            !card->write(card->context, (uint32_t)lba, buffer + (size_t)i * FF_MAX_SS)) {
            refused += count - i;
            return RES_ERROR;
        }
    }
    return RES_OK;
}

DRESULT disk_ioctl(BYTE drive, BYTE command, void* buffer)
{
    (void)drive;
    (void)buffer;
    return command == CTRL_SYNC ? RES_OK : RES_PARERR;
}

/* The firmware's own look at the mounted volume, since v9.26.5. */
static int mounted_geometry_valid(void)
{
    if (fs.fs_type != FS_FAT12 && fs.fs_type != FS_FAT16 && fs.fs_type != FS_FAT32) {
        return 0;
    }
    if (fs.n_fats < 1 || fs.n_fats > 2 || fs.fsize == 0) {
        return 0;
    }
    if (fs.volbase > fs.fatbase || fs.fatbase > fs.database) {
        return 0;
    }
    return (QWORD)fs.fatbase + (QWORD)fs.fsize * fs.n_fats <= (QWORD)fs.database;
}

/* Afresh for every call. 0, or the failure. */
static int32_t mount(const struct witness_card* with)
{
    card = with;
    memset(&fs, 0, sizeof(fs));
    FRESULT result = f_mount(&fs, "", 1);
    if (result == FR_DISK_ERR) {
        result = f_mount(&fs, "", 1); /* there the card is restarted in between */
    }
    if (result != FR_OK) {
        return failed(MOUNT, result);
    }
    return !card->checks_geometry || mounted_geometry_valid() ? 0 : failed(GEOMETRY, FR_OK);
}

static int32_t unmount(int32_t answer)
{
    f_unmount("");
    card = NULL;
    return answer;
}

/* The path of a directory; `make` creates it, as the firmware does before it opens a file. */
static int full_dir(const char* dir, char* path, size_t size, int make)
{
    int length = dir == NULL ? snprintf(path, size, "%s", ROOTDIR)
                             : snprintf(path, size, "%s/%s", ROOTDIR, dir);
    if (length < 0 || length >= (int)size) {
        return 0;
    }
    if (dir != NULL && make) {
        f_mkdir(path);
    }
    return 1;
}

/* sd_list_subdir: the number of names, or the failure. */
int32_t witness_list_subdir(const struct witness_card* with, const char* dir, char (*names)[NAME_SIZE])
{
    int32_t mounted = mount(with);
    if (mounted != 0) {
        return unmount(mounted);
    }
    char path[514] = {0};
    if (!full_dir(dir, path, sizeof(path), 0)) {
        return unmount(failed(PATH, FR_OK));
    }
    DIR open;
    FRESULT result = f_opendir(&open, path);
    if (result == FR_NO_PATH) {
        return unmount(0);
    }
    if (result != FR_OK) {
        return unmount(failed(OPEN, result));
    }
    uint32_t count = 0;
    while (count < LIST_MAX) {
        FILINFO entry;
        result = f_readdir(&open, &entry);
        if (result != FR_OK || entry.fname[0] == 0) {
            break; /* an error ends the list and is not reported */
        }
        if (strcmp(entry.fname, ".") == 0 || strcmp(entry.fname, "..") == 0) {
            continue;
        }
        memcpy(names[count], entry.fname, strlen(entry.fname) + 1);
        count++;
    }
    f_closedir(&open);
    return unmount((int32_t)count);
}

/* The path of a file. */
static int full_path(const char* dir, const char* file, char* path, size_t size, int make)
{
    char directory[514] = {0};
    full_dir(dir, directory, sizeof(directory), make);
    int length = snprintf(path, size, "%s/%s", directory, file);
    return length >= 0 && length < (int)size;
}

/* sd_load_bin: the number of bytes, or the failure. */
int32_t witness_load_bin(const struct witness_card* with, const char* dir, const char* file, uint8_t* buffer)
{
    if (file[0] == 0) {
        return failed(PATH, FR_OK);
    }
    int32_t mounted = mount(with);
    if (mounted != 0) {
        return unmount(mounted);
    }
    f_mkdir(ROOTDIR);
    char path[772] = {0};
    if (!full_path(dir, file, path, sizeof(path), 1)) {
        return unmount(failed(PATH, FR_OK));
    }
    FIL open;
    FRESULT result = f_open(&open, path, FA_OPEN_EXISTING | FA_READ);
    if (result != FR_OK) {
        return unmount(failed(OPEN, result));
    }
    if (f_size(&open) > SD_MAX_FILE_SIZE) {
        f_close(&open);
        return unmount(failed(LENGTH, FR_OK));
    }
    UINT read = 0;
    result = f_read(&open, buffer, (UINT)f_size(&open), &read);
    f_close(&open);
    return unmount(result == FR_OK ? (int32_t)read : failed(READ, result));
}

/* sd_write_bin, as a backup is written: a file of that name is replaced. 0, or the failure. */
int32_t witness_write_bin(
    const struct witness_card* with,
    const char* dir,
    const char* file,
    const uint8_t* data,
    uint32_t length)
{
    if (file[0] == 0) {
        return failed(PATH, FR_OK);
    }
    if (length == 0 || length > SD_MAX_FILE_SIZE) {
        return failed(LENGTH, FR_OK);
    }
    int32_t mounted = mount(with);
    if (mounted != 0) {
        return unmount(mounted);
    }
    f_mkdir(ROOTDIR);
    char path[772] = {0};
    if (!full_path(dir, file, path, sizeof(path), 1)) {
        return unmount(failed(PATH, FR_OK));
    }
    FIL open;
    FRESULT result = f_open(&open, path, FA_CREATE_ALWAYS | FA_WRITE);
    if (result != FR_OK) {
        return unmount(failed(OPEN, result));
    }
    UINT written = 0;
    result = f_write(&open, data, (UINT)length, &written);
    f_close(&open); /* what it answers is not looked at */
    return unmount(result == FR_OK ? 0 : failed(WRITE, result));
}

/* sd_erase_file_in_subdir: overwritten in place, then unlinked. 0, or the failure. */
int32_t witness_erase_file(const struct witness_card* with, const char* dir, const char* file)
{
    if (file[0] == 0) {
        return failed(PATH, FR_OK);
    }
    int32_t mounted = mount(with);
    if (mounted != 0) {
        return unmount(mounted);
    }
    char path[772] = {0};
    if (!full_path(dir, file, path, sizeof(path), 0)) {
        return unmount(failed(PATH, FR_OK));
    }
    FIL open;
    FRESULT result = f_open(&open, path, FA_OPEN_EXISTING | FA_WRITE);
    if (result != FR_OK) {
        return unmount(failed(OPEN, result));
    }
    if (f_size(&open) > SD_MAX_FILE_SIZE) { /* since v9.26.5 */
        f_close(&open);
        return unmount(failed(LENGTH, FR_OK));
    }
    for (DWORD i = 0; i < f_size(&open); i++) {
        const uint8_t erased = 0xAC;
        UINT written = 0;
        f_write(&open, &erased, 1, &written); /* f_putc there; neither is looked at */
    }
    result = f_close(&open);
    if (result != FR_OK) {
        return unmount(failed(CLOSE, result));
    }
    result = f_unlink(path);
    return unmount(result == FR_OK ? 0 : failed(UNLINK, result));
}

/* Sectors FatFs wanted to write so far and was not let. */
uint64_t witness_refused(void)
{
    return refused;
}
