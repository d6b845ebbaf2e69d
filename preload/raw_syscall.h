/*
 * System calls without libc: the shim runs between fork and exec of programs it knows
 * nothing about, so it may use neither errno, nor locks, nor anything that needs set-up.
 * Each returns what the kernel returned: a negative errno on failure. syscall(2) lists the
 * registers.
 */
#ifndef TALLY_RAW_SYSCALL_H
#define TALLY_RAW_SYSCALL_H

#include <sys/syscall.h>

static inline long raw_syscall6(long number, long a, long b, long c, long d, long e,
				long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__i386__)
	long result;

	/* ebp holds the sixth argument, so it is saved around the call by hand. */
	__asm__ volatile("pushl %7\n\t"
			 "pushl %%ebp\n\t"
			 "movl 4(%%esp), %%ebp\n\t"
			 "int $0x80\n\t"
			 "popl %%ebp\n\t"
			 "addl $4, %%esp"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), "m"(f)
			 : "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
#error "preload/raw_syscall.h: this machine's system call is not written yet"
#endif
}

static inline long raw_syscall3(long number, long a, long b, long c)
{
	return raw_syscall6(number, a, b, c, 0, 0, 0);
}

#endif
