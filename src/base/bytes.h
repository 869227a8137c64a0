/*
 * bytes.h
 *		How numbers stand in stored bytes: base-128 integers, and values of a
 *		fixed number of bits packed side by side.
 *
 * Readers never look beyond the end they are given.  A base-128 reader answers
 * NULL where the bytes end too early or the number needs more than 64 bits.
 */
#ifndef LOYALTY_BYTES_H
#define LOYALTY_BYTES_H

#include "postgres.h"

#include "port/pg_bitutils.h"

#define LEB_MAX_BYTES 10

/* signed <-> unsigned, so that small magnitudes stay small */
static inline uint64
zigzag(int64 v)
{
	return ((uint64) v << 1) ^ (uint64) -(int64) ((uint64) v >> 63);
}

static inline int64
unzigzag(uint64 u)
{
	return (int64) ((u >> 1) ^ (0 - (u & 1)));
}

/* how many bits a value needs; 0 needs none */
static inline int
bits_needed(uint64 v)
{
	return v == 0 ? 0 : pg_leftmost_one_pos64(v) + 1;
}

static inline uint8 *
leb_write(uint8 *p, uint64 v)
{
	while (v >= 0x80)
	{
		*p++ = (uint8) (v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8) v;
	return p;
}

static inline const uint8 *
leb_read(const uint8 *p, const uint8 *end, uint64 *v)
{
	uint64		acc = 0;
	int			shift = 0;

	while (p < end && shift < 64)
	{
		uint8		b = *p++;

		if (shift == 63 && b > 1)
			return NULL;
		acc |= (uint64) (b & 0x7F) << shift;
		if (b < 0x80)
		{
			*v = acc;
			return p;
		}
		shift += 7;
	}
	return NULL;
}

/*
 * Values of some bits each, one behind the other.  Bits are numbered from the
 * least significant bit of the first byte.  They are added to what stands in
 * the buffer, which must be zero where nothing was written, and have 9 bytes
 * beyond the last bit.
 */
typedef struct BitWriter
{
	uint8	   *p;				/* where `word` goes */
	uint64		word;			/* bits yet to be written */
	int			filled;			/* how many of them; fewer than 64 */
} BitWriter;

#ifdef WORDS_BIGENDIAN
#error "the stored form is little-endian; big-endian machines need byte swaps here"
#endif

static inline void
bits_flush(BitWriter *writer)
{
	uint64		word;

	memcpy(&word, writer->p, sizeof(word));
	word |= writer->word;
	memcpy(writer->p, &word, sizeof(word));
}

static inline void
bits_open(BitWriter *writer, uint8 *buf, uint64 pos)
{
	writer->p = buf + (pos >> 3);
	writer->word = 0;
	writer->filled = (int) (pos & 7);
}

static inline void
bits_put(BitWriter *writer, int width, uint64 v)
{
	if (width == 0)
		return;
	writer->word |= v << writer->filled;
	writer->filled += width;
	if (writer->filled >= 64)
	{
		bits_flush(writer);
		writer->p += sizeof(uint64);
		writer->filled -= 64;
		writer->word = writer->filled > 0 ? v >> (width - writer->filled) : 0;
	}
}

static inline uint64
bits_get(const uint8 *buf, const uint8 *end, uint64 pos, int width)
{
	const uint8 *p = buf + (pos >> 3);
	int			shift = (int) (pos & 7);
	uint64		word;

	if (width == 0)
		return 0;
	if (likely(p + 9 <= end))
	{
		memcpy(&word, p, sizeof(word));
		word >>= shift;
		if (shift + width > 64)
			word |= (uint64) p[8] << (64 - shift);
	}
	else
	{
		uint8		tail[9] = {0};

		memcpy(tail, p, Min((size_t) (end - p), sizeof(tail)));
		memcpy(&word, tail, sizeof(word));
		word >>= shift;
		if (shift + width > 64)
			word |= (uint64) tail[8] << (64 - shift);
	}
	return width == 64 ? word : word & ((UINT64CONST(1) << width) - 1);
}

#endif							/* LOYALTY_BYTES_H */
