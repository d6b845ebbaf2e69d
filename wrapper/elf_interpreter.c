#include "elf_interpreter.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { MOST_HEADERS = 64 };

static int read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
	return offset < (uint64_t)1 << 40 &&
			       pread(fd, bytes, size, (off_t)offset) == (ssize_t)size
		       ? 0
		       : -1;
}

static enum elf_kind read_name(int fd, uint64_t offset, uint64_t length, char *name,
			       size_t size)
{
	if (length < 2 || length > size || read_at(fd, name, (size_t)length, offset) < 0)
		return ELF_NONE;
	name[length - 1] = '\0';
	return ELF_DYNAMIC;
}

static enum elf_kind look_64(int fd, char *name, size_t size)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;

	if (read_at(fd, &header, sizeof(header), 0) < 0 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    header.e_phentsize != sizeof(part) || header.e_phnum > MOST_HEADERS)
		return ELF_NONE;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		if (read_at(fd, &part, sizeof(part),
			    header.e_phoff + (uint64_t)i * sizeof(part)) < 0)
			return ELF_NONE;
		if (part.p_type == PT_INTERP)
			return read_name(fd, part.p_offset, part.p_filesz, name, size);
	}
	return ELF_STATIC;
}

static enum elf_kind look_32(int fd, char *name, size_t size)
{
	Elf32_Ehdr header;
	Elf32_Phdr part;

	if (read_at(fd, &header, sizeof(header), 0) < 0 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    header.e_phentsize != sizeof(part) || header.e_phnum > MOST_HEADERS)
		return ELF_NONE;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		if (read_at(fd, &part, sizeof(part),
			    header.e_phoff + (uint64_t)i * sizeof(part)) < 0)
			return ELF_NONE;
		if (part.p_type == PT_INTERP)
			return read_name(fd, part.p_offset, part.p_filesz, name, size);
	}
	return ELF_STATIC;
}

enum elf_kind elf_interpreter(const char *path, char *interpreter, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned char ident[EI_NIDENT];
	enum elf_kind kind = ELF_NONE;

	if (fd < 0)
		return ELF_NONE;
	if (read_at(fd, ident, sizeof(ident), 0) == 0 &&
	    memcmp(ident, ELFMAG, SELFMAG) == 0) {
		if (ident[EI_CLASS] == ELFCLASS64)
			kind = look_64(fd, interpreter, size);
		else if (ident[EI_CLASS] == ELFCLASS32)
			kind = look_32(fd, interpreter, size);
	}
	close(fd);
	return kind;
}
