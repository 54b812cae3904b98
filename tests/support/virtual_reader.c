/* A PC/SC reader without hardware: an IFD handler 3.0 for pcscd whose cards are programs.
 *
 * Each reader listens on an AF_UNIX socket of mode 0600, named by DEVICENAME "sim:<path>". A
 * program that connects is a card laid on the reader; when it closes, the card is gone. Frames in
 * both directions are a length of two bytes, big-endian, and that many bytes. A frame of one byte
 * to the card is control: 0 power off, 1 power on, 2 reset (no answer), 4 the ATR is asked for.
 * Any longer frame is a command APDU. An empty frame from the card is a communication error.
 *
 * Attribute 07A100 tells for how many nanoseconds, eight bytes of this machine, cards have had a
 * reader's commands in hand since it is there: what a tap took besides can so be told.
 *
 * A card that keeps silent for VIRTUAL_READER_MUTE_MS (5000 unless set) stays mute until it is
 * taken away: a late answer can so never be taken for the answer to the next command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <ifdhandler.h>

enum { READERS = 16, ANSWER_MAX = 65535 };
enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, ASK_ATR = 4 };
enum { CARD_NANOSECONDS = 0x7A100 }; /* of the class that readers' makers define */

struct reader {
	int used;
	DWORD lun;
	int listener; /* accepts the next card */
	int card;     /* the card reported as present, or -1; closed by the presence call alone */
	int wake;     /* eventfd that ends the polling call */
	int mute;     /* the card missed its time-out */
	int mute_ms;
	uint64_t in_hand_ns;
	UCHAR atr[MAX_ATR_SIZE];
	DWORD atr_length;
};

static struct reader readers[READERS];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static struct reader *reader_of(DWORD lun)
{
	for (int i = 0; i < READERS; i++)
		if (readers[i].used && readers[i].lun == lun)
			return &readers[i];
	return NULL;
}

static uint64_t nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static long milliseconds(void)
{
	return (long)(nanoseconds() / 1000000u);
}

/* ---- talking to the card ---- */

static RESPONSECODE send_frame(struct reader *r, const UCHAR *body, DWORD length)
{
	UCHAR head[2] = { (UCHAR)(length >> 8), (UCHAR)length };
	struct iovec parts[2] = { { head, 2 }, { (void *)body, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (r->card < 0 || r->mute)
		return IFD_COMMUNICATION_ERROR;
	/* a frame is far smaller than the socket's buffer, so it goes out whole or not at all */
	if (sendmsg(r->card, &message, MSG_NOSIGNAL) != (ssize_t)(length + 2))
		return IFD_COMMUNICATION_ERROR;
	return IFD_SUCCESS;
}

static RESPONSECODE receive_bytes(struct reader *r, UCHAR *to, size_t wanted, long deadline)
{
	while (wanted > 0) {
		struct pollfd p = { .fd = r->card, .events = POLLIN };
		long left = deadline - milliseconds();
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0) {
			r->mute = 1;
			return IFD_RESPONSE_TIMEOUT;
		}
		ssize_t got = recv(r->card, to, wanted, 0);
		if (got <= 0)
			return IFD_COMMUNICATION_ERROR;
		to += got;
		wanted -= (size_t)got;
	}
	return IFD_SUCCESS;
}

static RESPONSECODE receive_frame(struct reader *r, UCHAR *body, DWORD room, DWORD *length)
{
	static __thread UCHAR answer[ANSWER_MAX];
	long deadline = milliseconds() + r->mute_ms;
	UCHAR head[2];
	RESPONSECODE result = receive_bytes(r, head, 2, deadline);
	DWORD announced = (DWORD)head[0] << 8 | head[1];

	if (result == IFD_SUCCESS)
		result = receive_bytes(r, answer, announced, deadline);
	if (result != IFD_SUCCESS)
		return result;
	if (announced == 0 || announced > room)
		return IFD_COMMUNICATION_ERROR;
	memcpy(body, answer, announced);
	*length = announced;
	return IFD_SUCCESS;
}

static RESPONSECODE answer_to(struct reader *r, const UCHAR *command, DWORD length,
	UCHAR *answer, DWORD room, DWORD *answered)
{
	uint64_t begun = nanoseconds();
	RESPONSECODE result = send_frame(r, command, length);

	if (result == IFD_SUCCESS)
		result = receive_frame(r, answer, room, answered);
	r->in_hand_ns += nanoseconds() - begun;
	return result;
}

static RESPONSECODE control(struct reader *r, UCHAR what)
{
	return send_frame(r, &what, 1);
}

/* ---- the functions pcscd calls ---- */

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	const char *path = strchr(DeviceName, ':');
	const char *mute_ms = getenv("VIRTUAL_READER_MUTE_MS");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct reader *r = NULL;

	if (path == NULL || strlen(path + 1) >= sizeof address.sun_path)
		return IFD_COMMUNICATION_ERROR;
	strcpy(address.sun_path, path + 1);
	pthread_mutex_lock(&table);
	for (int i = 0; i < READERS && r == NULL; i++)
		if (!readers[i].used)
			r = &readers[i];
	if (r != NULL) {
		memset(r, 0, sizeof *r);
		r->used = 1;
		r->lun = Lun;
	}
	pthread_mutex_unlock(&table);
	if (r == NULL)
		return IFD_COMMUNICATION_ERROR;
	r->card = -1;
	r->mute_ms = mute_ms ? atoi(mute_ms) : 5000;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(address.sun_path);
	if (r->wake >= 0 && r->listener >= 0 &&
	    fchmod(r->listener, 0600) == 0 && /* before bind: the file is born with this mode */
	    bind(r->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
	    chmod(address.sun_path, 0600) == 0 && listen(r->listener, 8) == 0)
		return IFD_SUCCESS;
	if (r->listener >= 0)
		close(r->listener);
	if (r->wake >= 0)
		close(r->wake);
	r->used = 0;
	return IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun;
	(void)Channel;
	return IFD_NOT_SUPPORTED; /* a reader is named by its socket, never by a number */
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
	struct reader *r = reader_of(Lun);

	if (r == NULL)
		return IFD_NO_SUCH_DEVICE;
	if (r->card >= 0)
		close(r->card);
	close(r->listener);
	close(r->wake);
	r->used = 0;
	return IFD_SUCCESS;
}

/* Report one change a call, so that a removal never melts into the insertion after it. */
RESPONSECODE IFDHICCPresence(DWORD Lun)
{
	struct reader *r = reader_of(Lun);

	if (r == NULL)
		return IFD_NO_SUCH_DEVICE;
	if (r->card >= 0) {
		struct pollfd p = { .fd = r->card, .events = POLLRDHUP };

		if (poll(&p, 1, 0) <= 0)
			return IFD_ICC_PRESENT;
		close(r->card);
		r->card = -1;
		r->atr_length = 0;
		return IFD_ICC_NOT_PRESENT;
	}
	r->mute = 0;
	r->card = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	return r->card >= 0 ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

/* pcscd's polling thread sleeps here until the next presence call has news. */
static RESPONSECODE wait_for_change(DWORD Lun, int timeout)
{
	struct reader *r = reader_of(Lun);
	uint64_t woken;

	if (r == NULL)
		return IFD_NO_SUCH_DEVICE;
	struct pollfd p[2] = {
		{ .fd = r->wake, .events = POLLIN },
		{ .fd = r->card >= 0 ? r->card : r->listener,
		  .events = r->card >= 0 ? POLLRDHUP : POLLIN },
	};
	if (poll(p, 2, timeout) > 0 && p[0].revents != 0 &&
	    read(r->wake, &woken, sizeof woken) < 0)
		return IFD_COMMUNICATION_ERROR;
	return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD Lun)
{
	struct reader *r = reader_of(Lun);
	uint64_t one = 1;

	if (r == NULL || write(r->wake, &one, sizeof one) < 0)
		return IFD_NO_SUCH_DEVICE;
	return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct reader *r = reader_of(Lun);
	UCHAR ask = ASK_ATR;
	RESPONSECODE result;

	*AtrLength = 0;
	if (r == NULL)
		return IFD_NO_SUCH_DEVICE;
	if (Action == IFD_POWER_DOWN) {
		control(r, POWER_OFF); /* a card that has left is powered off, too */
		return IFD_SUCCESS;
	}
	if (Action != IFD_POWER_UP && Action != IFD_RESET)
		return IFD_NOT_SUPPORTED;
	result = control(r, Action == IFD_RESET ? RESET : POWER_ON);
	if (result == IFD_SUCCESS)
		result = answer_to(r, &ask, 1, r->atr, MAX_ATR_SIZE, &r->atr_length);
	if (result != IFD_SUCCESS)
		return IFD_ERROR_POWER_ACTION;
	memcpy(Atr, r->atr, r->atr_length);
	*AtrLength = r->atr_length;
	return IFD_SUCCESS;
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
	PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	struct reader *r = reader_of(Lun);
	DWORD room = *RxLength;

	*RxLength = 0;
	if (r == NULL)
		return IFD_NO_SUCH_DEVICE;
	if (TxLength < 2)
		return IFD_COMMUNICATION_ERROR; /* a single byte would read as control */
	RecvPci->Protocol = SendPci.Protocol;
	return answer_to(r, TxBuffer, TxLength, RxBuffer, room, RxLength);
}

static RESPONSECODE give(PDWORD Length, PUCHAR Value, const void *what, DWORD length)
{
	if (*Length < length)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(Value, what, length);
	*Length = length;
	return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	struct reader *r = reader_of(Lun);
	RESPONSECODE (*polling)(DWORD, int) = wait_for_change;
	RESPONSECODE (*stopping)(DWORD) = stop_waiting;
	UCHAR one = 1, all = READERS;

	switch (Tag) {
	case TAG_IFD_ATR:
		if (r == NULL)
			return IFD_NO_SUCH_DEVICE;
		return give(Length, Value, r->atr, r->atr_length);
	case CARD_NANOSECONDS:
		if (r == NULL)
			return IFD_NO_SUCH_DEVICE;
		return give(Length, Value, &r->in_hand_ns, sizeof r->in_hand_ns);
	case TAG_IFD_SLOTS_NUMBER:
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE:
		return give(Length, Value, &one, 1);
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		return give(Length, Value, &all, 1);
	case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
		return give(Length, Value, &polling, sizeof polling);
	case TAG_IFD_STOP_POLLING_THREAD:
		return give(Length, Value, &stopping, sizeof stopping);
	default:
		return IFD_ERROR_TAG;
	}
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_ERROR_VALUE_READ_ONLY;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
	UCHAR PTS2, UCHAR PTS3)
{
	(void)Lun;
	(void)Protocol;
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	return IFD_SUCCESS; /* a socket has no line parameters to agree upon */
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
	PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	(void)Lun;
	(void)dwControlCode;
	(void)TxBuffer;
	(void)TxLength;
	(void)RxBuffer;
	(void)RxLength;
	*pdwBytesReturned = 0;
	return IFD_ERROR_NOT_SUPPORTED;
}
