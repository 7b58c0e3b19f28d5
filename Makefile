# tunplan: make (build/tunplan), make test, make demo. `make help` lists the rest.

VARIANT ?= debug
PREFIX  ?= /usr/local
BUILD   := build/$(VARIANT)

CC     ?= cc
CFLAGS_debug   := -O0 -g3 -D_FORTIFY_SOURCE=0
CFLAGS_release := -O2 -g -DNDEBUG
CFLAGS_san     := -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_cov     := -O0 -g3 --coverage
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wformat=2 -Wvla -Wundef
ifeq ($(CI),true)
WARNINGS += -Werror
endif

PKGS    := yaml-0.1 libuv jansson
CPPFLAGS += -I. -D_GNU_SOURCE
ALL_CFLAGS = -std=c11 $(WARNINGS) $(CFLAGS_$(VARIANT)) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
ALL_LIBS   = $(shell pkg-config --libs $(PKGS)) $(LDFLAGS)

LAYERS  := topology planner exec cmd
SRC     := $(wildcard $(foreach l,$(LAYERS),$(l)/*.c $(l)/*/*.c))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
ARCHIVES := $(LAYERS:%=$(BUILD)/%.a)

all: build/tunplan

build/tunplan: $(BUILD)/tunplan
	ln -sf $(VARIANT)/tunplan $@

$(BUILD)/tunplan: $(OBJ)
	$(CC) $(CFLAGS_$(VARIANT)) -o $@ $(OBJ) $(ALL_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJ:.o=.d)

clean:
	rm -rf build

.PHONY: all clean
