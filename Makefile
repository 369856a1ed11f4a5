# The door of the house: each name is a script or a preset.
PREFIX ?= /usr/local
DESTDIR ?=

help:
	@echo 'make demo         build the command and let it show itself (ARGS=...)'
	@echo 'make check        all tests under sanitizers, style, real peers'
	@echo 'make check-deep   more compilers, races, memory, fuzzing, consumers'
	@echo 'make conform      play the conformance suite, print its table'
	@echo 'make bench        measure against a plain reader of the same bytes'
	@echo 'make bench-truth  the stages of lag beside what is known to be true'
	@echo 'make bench-peers  the Python faces beside those of others (pip)'
	@echo 'make fuzz         fuzz every parser (SECONDS=60 in total)'
	@echo 'make format       bring the C files into shape'
	@echo 'make install      build and install (PREFIX=/usr/local, DESTDIR=)'
	@echo 'make clean        remove build/'

demo:
	@sh scripts/demo $(ARGS)

check:
	@sh scripts/check

check-deep:
	@sh scripts/check-deep

conform:
	@sh scripts/conform $(ARGS)

bench:
	@sh scripts/bench $(ARGS)

bench-truth:
	@sh scripts/bench-truth $(ARGS)

bench-peers:
	@sh scripts/bench-peers $(ARGS)

fuzz:
	@sh scripts/fuzz $(SECONDS)

format:
	@sh scripts/format

install:
	@sh scripts/setup --for demo
	cmake --preset release -DHAWSER_TESTS=OFF -DHAWSER_BENCH=OFF \
	  -DCMAKE_INSTALL_PREFIX='$(PREFIX)'
	cmake --build build/release
	DESTDIR='$(DESTDIR)' cmake --install build/release

clean:
	rm -rf build

.PHONY: help demo check check-deep conform bench bench-truth bench-peers fuzz format install clean
