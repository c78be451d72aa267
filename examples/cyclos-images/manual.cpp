//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "manual.hpp"

#include <cyclos/version.hpp>

#include <string_view>

namespace tool {
namespace {

/// Text as it is to be read: nothing in it is a request or an escape, and a dash is the one of the keyboard.
std::string for_roff(std::string_view text)
{
    std::string roff;
    for (const char c : text) {
        roff += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
    }
    return roff.starts_with('.') || roff.starts_with('\'') ? "\\&" + roff : roff;
}

std::string bold(std::string_view text)
{
    return "\\fB" + for_roff(text) + "\\fR";
}

std::string italic(std::string_view text)
{
    return "\\fI" + for_roff(text) + "\\fR";
}

/// A term and what it means; the term is made already.
std::string paragraph(const std::string& term, std::string_view meaning)
{
    return ".TP\n" + term + '\n' + for_roff(meaning) + '\n';
}

std::string sentence(std::string text)
{
    return text.ends_with('.') ? text : text + '.';
}

std::string term_of(const CLI::Option& option)
{
    std::string term;
    for (const std::string& spelling : spellings_of(option)) {
        term += (term.empty() ? "" : ", ") + bold(spelling);
    }
    return term + (takes_value(option) ? ' ' + italic(option.get_type_name()) : "");
}

std::string options_in(const grammar& g, const CLI::App& app, std::string_view group)
{
    std::string text;
    for (const CLI::Option* option : options_of(app)) {
        if (option->get_group() == group) {
            std::string meaning = sentence(option->get_description());
            if (const auto variable = g.variables.find(option); variable != g.variables.end()) {
                meaning.append(" Where it is not given, ").append(variable->second).append(" stands in for it.");
            }
            text += paragraph(term_of(*option), meaning);
        }
    }
    return text;
}

std::string command_section(const grammar& g, const CLI::App& app)
{
    std::string usage = bold(app.get_name());
    std::string arguments;
    for (const CLI::Option* argument : positionals_of(app)) {
        usage += ' ' + italic(argument->get_name()) + (is_list(*argument) ? "..." : "");
        arguments += paragraph(italic(argument->get_name()), sentence(argument->get_description()));
    }
    return ".SS " + usage + '\n' + for_roff(sentence(app.get_description())) + '\n' + arguments +
           options_in(g, app, "Options");
}

std::string commands_section(const grammar& g)
{
    std::string text = ".SH COMMANDS\n";
    for (const CLI::App* each : commands_of(g.app)) {
        text += command_section(g, *each);
    }
    return text;
}

std::string options_section(const grammar& g)
{
    std::string text = ".SH OPTIONS\nThey stand before the command or after it.\n" + options_in(g, g.app, "Options");
    for (const std::string& group : g.app.get_groups()) {
        if (group != "Options" && !group.empty()) {
            text += ".SS " + group + '\n' + options_in(g, g.app, group);
        }
    }
    return text;
}

std::string environment_section(const grammar& g)
{
    std::string text = ".SH ENVIRONMENT\n";
    for (const CLI::Option* option : options_of(g.app)) {
        if (const auto variable = g.variables.find(option); variable != g.variables.end()) {
            text += paragraph(bold(variable->second), "Stands in for " + option->get_name() + '.');
        }
    }
    return text + paragraph(bold("NO_COLOR"), "Where it is set and not empty, nothing is coloured.");
}

std::string exit_status_section()
{
    std::string text = ".SH EXIT STATUS\n";
    for (const auto& [status, meaning] : status_meanings()) {
        text += paragraph(bold(std::to_string(status)), sentence(std::string{meaning}));
    }
    return text;
}

constexpr std::string_view about_results = R"(.SH RESULTS AND ERRORS
In a terminal, results are tables, errors one line, and transfers show bars with their rate and the time they still
need. Where standard output is no terminal, and with \fB\-\-json\fR, results are JSON: the members are those of the
API. With \fB\-\-json\fR an error is one JSON object on standard error.
.PP
Several files are uploaded one after the other, in the order of the arguments, which is the order in which the images are
shown; temporary images have no order, and several are uploaded at the same time. What fails does not keep the rest from
being stored. Of each file the status is told: \fBstored\fR, \fBfailed\fR, or \fBunknown\fR if all of it was sent and the
server did not answer; with what was sent of it, and why.
.PP
A command that is interrupted ends by the signal, so that a loop of a shell ends too. \fBserve\fR, which is meant to be
interrupted, ends with status 0.
.PP
A download is written beside its file and takes the file's name when it is whole; where it fails or is interrupted,
nothing is left of it.
)";

constexpr std::string_view examples = R"(.SH EXAMPLES
.TP
Upload a portrait; the password is read from standard input, which does not show it if it is a terminal:
cyclos\-images \-\-username alice \-\-password\-file \- upload\-user\-image self me.jpg
.TP
Add several images to an advertisement, where the environment says who one is:
cyclos\-images upload\-ad\-image 42 front.jpg back.jpg
.TP
Download a smaller copy of an image:
cyclos\-images get\-image\-content 17 \-\-width 200 \-o me\-200.jpg
.TP
Send what another program makes:
scan | cyclos\-images upload\-ad\-image 42 \- \-\-filename scan.png
)";

constexpr std::string_view about_generation = R"(.SH SHELL COMPLETION
\fBcyclos\-images \-\-generate bash\fR prints the completion of the command line for that shell;
\fBzsh\fR and \fBfish\fR in its place do it for these, and \fBman\fR prints this page.
)";

} // namespace

std::string manual(const grammar& g)
{
    const std::string name = g.app.get_name();
    std::string text = ".TH CYCLOS\\-IMAGES 1 \"\" \"" + name + ' ' + CYCLOS_IMAGES_VERSION + "\" \"User Commands\"\n";
    text += ".SH NAME\n" + for_roff(name) + " \\- the images of a Cyclos server\n";
    text += ".SH SYNOPSIS\n" + bold(name) + " [" + italic("OPTIONS") + "] " + italic("COMMAND") + " [" +
            italic("ARGUMENTS") + "]\n";
    text += ".SH DESCRIPTION\n" + for_roff(g.app.get_description()) + '\n';
    text += commands_section(g) + options_section(g) + environment_section(g) + exit_status_section();
    return text.append(about_results).append(examples).append(about_generation);
}

} // namespace tool
