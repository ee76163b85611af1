/* For user-mode Linux, by LD_PRELOAD: lets it set a part of a process's extended state.

   User-mode Linux 6.1 keeps the first 2,696 bytes of that state of its processes. The host takes
   back nothing but the whole (xstateregs_set in arch/x86/kernel/fpu/regset.c), which is longer where
   the processor has AMX: 11,008 bytes. There the first process was dead before it ran. What comes
   after the part stays as it is here, in the process; nobody uses tiles.

   Includes no header, so that a compiler is all it takes. */

enum { SYS_PTRACE = 101, PEEKUSER = 3, GETREGSET = 0x4204, SETREGSET = 0x4205 };
enum { NT_X86_XSTATE = 0x202 };

struct piece { /* struct iovec, of readv(2) */
    char *start;
    unsigned long length;
};

long syscall(long number, ...);

static char state[1 << 16];

long ptrace(long request, long pid, long kind, struct piece *data)
{
    struct piece whole = {state, sizeof state};
    unsigned long i;
    long word;

    if (request >= 1 && request <= PEEKUSER) /* ptrace(2): the C library returns what was read */
        return syscall(SYS_PTRACE, request, pid, kind, &word) == -1 ? -1 : word;
    if (request != SETREGSET || kind != NT_X86_XSTATE)
        return syscall(SYS_PTRACE, request, pid, kind, data);
    if (syscall(SYS_PTRACE, GETREGSET, pid, kind, &whole) == -1)
        return -1;
    for (i = 0; i < data->length && i < whole.length; i++)
        state[i] = data->start[i];
    return syscall(SYS_PTRACE, SETREGSET, pid, kind, &whole);
}
