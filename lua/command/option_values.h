/* How each kind of value of an option is read: what the rows of option_rows.c are set by. */
#ifndef DWL_OPTION_VALUES_H
#define DWL_OPTION_VALUES_H

#include "option_rows.h"

option_setter set_flag, set_yes, set_no, set_text, set_choice, set_word, set_style, set_page,
    set_number, set_seed, set_time, set_start, set_watchdog, set_memory, set_width, add_text,
    add_stack, add_parameter, set_ignored, set_drop, set_faults, set_most, set_crash, set_seeds,
    set_pattern, set_moment, set_letters, set_numbers;

#endif
