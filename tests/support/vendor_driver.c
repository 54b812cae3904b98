/* A stand-in for a reader maker's driver (LD/T 33), told what to do by a file.
 *
 * VENDOR_DRIVER_STATE names the file. Its first word is an error number, or one of: OK (the rest of
 * the file is the output), HANG, CRASH, EXIT, OVERFLOW. It is read at each call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long iReadCardBas(int iType, char *pOutInfo)
{
	static char state[4096];
	FILE *file = fopen(getenv("VENDOR_DRIVER_STATE"), "rb");
	size_t got = file ? fread(state, 1, sizeof state - 1, file) : 0;
	char *rest;

	if (file)
		fclose(file);
	state[got] = 0;
	rest = strchr(state, ' ');
	if (rest)
		*rest++ = 0;
	if (!strcmp(state, "OK")) {
		strcpy(pOutInfo, rest);
		return 0;
	}
	if (!strcmp(state, "TYPE"))
		return -30000 - iType;
	if (!strcmp(state, "HANG"))
		pause();
	if (!strcmp(state, "CRASH"))
		abort();
	if (!strcmp(state, "EXIT"))
		_exit(0);
	if (!strcmp(state, "OVERFLOW")) {
		memset(pOutInfo, 'x', 8192 + 32);
		return 0;
	}
	return atol(state);
}
