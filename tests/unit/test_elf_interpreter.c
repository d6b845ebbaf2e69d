/* Which loader a program asks for, also of files that are no programs, or broken ones. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_interpreter.h"
#include "tap.h"

static char path[] = "/tmp/elf-interpreter-XXXXXX";

static enum elf_kind look_at(const void *bytes, size_t length)
{
	char interpreter[64];
	FILE *file = fopen(path, "w");

	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		abort();
	return elf_interpreter(path, interpreter, sizeof(interpreter));
}

/* A program header that says its loader's name is somewhere else than in the file. */
static void test_broken(void)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr part;
		char name[8];
	} file = {0};

	memcpy(file.header.e_ident, ELFMAG, SELFMAG);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	file.header.e_type = ET_DYN;
	file.header.e_phentsize = sizeof(file.part);
	file.header.e_phnum = 1;
	file.header.e_phoff = sizeof(file.header);
	file.part.p_type = PT_LOAD;
	ok(look_at(&file, sizeof(file)) == ELF_STATIC, "no loader: static");
	file.part.p_type = PT_INTERP;
	file.part.p_offset = sizeof(file) - sizeof(file.name);
	file.part.p_filesz = sizeof(file.name);
	ok(look_at(&file, sizeof(file)) == ELF_DYNAMIC, "a loader: dynamic");
	ok(look_at(&file, sizeof(file.header) + 4) == ELF_NONE, "cut in the header");
	ok(look_at(&file, 10) == ELF_NONE, "cut in the magic");
	file.part.p_filesz = (Elf64_Xword)-1;
	ok(look_at(&file, sizeof(file)) == ELF_NONE, "a name without an end");
	file.part.p_filesz = sizeof(file.name);
	file.part.p_offset = (Elf64_Off)-1;
	ok(look_at(&file, sizeof(file)) == ELF_NONE, "a name outside of the file");
	file.header.e_phnum = 0xffff;
	ok(look_at(&file, sizeof(file)) == ELF_NONE, "more headers than there can be");
	ok(look_at("#!/bin/sh\n", 10) == ELF_NONE, "a script");
	ok(look_at("", 0) == ELF_NONE, "nothing");
}

int main(void)
{
	char interpreter[256] = "";
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	ok(elf_interpreter("/proc/self/exe", interpreter, sizeof(interpreter)) ==
			   ELF_DYNAMIC &&
		   interpreter[0] == '/',
	   "this test is dynamic");
	ok(elf_interpreter("/nowhere", interpreter, sizeof(interpreter)) == ELF_NONE,
	   "a file that is not there");
	test_broken();
	unlink(path);
	return done();
}
