/* A TCP as small as one can be, as on a bare machine: packets in and out, and a tick. */
#ifndef TINY_H
#define TINY_H

#include <stddef.h>
#include <stdint.h>

#define TINY_TICK_MS 10

/* Begin anew, with an address and a way to send packets. */
void tiny_init(uint32_t address, void (*send)(const void *packet, size_t len));
void tiny_input(const uint8_t *packet, size_t len);
/* Every 10 ms. */
void tiny_tick(void);

/* Connections are numbers; -1: there is none. */
int tiny_listen(uint16_t port);
int tiny_accept(uint16_t port);
/* own_port 0: any. */
int tiny_connect(uint32_t address, uint16_t port, uint16_t own_port);
void tiny_ends(int c, uint32_t *address, uint16_t *port, uint16_t *own_port);
/* How many octets; 0: not now; -1: no more. */
int tiny_write(int c, const void *bytes, int len);
int tiny_read(int c, void *bytes, int len);
/* Send a FIN when all has been sent. */
void tiny_close(int c);
void tiny_reset(int c);
/* Whether it ended with a reset, or nobody answered. */
int tiny_gone(int c);
/* "ESTABLISHED" and so on. */
const char *tiny_state(int c);
/* The number may be used again. */
void tiny_free(int c);

#endif
