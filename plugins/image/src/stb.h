/* The parts of stb that are used, and nothing that opens a file. */
#ifndef IMAGE_STB_H
#define IMAGE_STB_H

#include "bounds.h"

/* A broken assumption ends the call. */
#define STBI_ASSERT(truth) ((truth) ? (void)0 : __builtin_trap())
#define STBIW_ASSERT(truth) ((truth) ? (void)0 : __builtin_trap())
#define STBIR_ASSERT(truth) ((truth) ? (void)0 : __builtin_trap())

#define STBI_NO_STDIO
#define STBI_WRITE_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_GIF
#define STBI_ONLY_BMP
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_SIMD
#define STBI_NO_THREAD_LOCALS
#define STBI_MAX_DIMENSIONS MAX_SIDE

#include "stb_image.h"
#include "stb_image_write.h"

/* Later packages of stb have the successor alone. */
#if __has_include("stb_image_resize2.h")
#define HAS_RESIZE2 1
#include "stb_image_resize2.h"
#else
#define HAS_RESIZE2 0
#include "stb_image_resize.h"
#endif

#endif
