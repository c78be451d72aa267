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

/// Escapes text for roff: it contains no requests and no escapes, and dashes remain ASCII.
std::string escape_roff(std::string_view text)
{
    std::string roff;
    for (const char c : text) {
        roff += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
    }
    return roff.starts_with('.') || roff.starts_with('\'') ? "\\&" + roff : roff;
}

std::string bold(std::string_view text)
{
    return "\\fB" + escape_roff(text) + "\\fR";
}

std::string italic(std::string_view text)
{
    return "\\fI" + escape_roff(text) + "\\fR";
}

/// A paragraph with a term and its meaning. @param term Already in roff.
std::string paragraph(const std::string& term, std::string_view meaning)
{
    return ".TP\n" + term + '\n' + escape_roff(meaning) + '\n';
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
                meaning.append(" The default is the value of ")
                    .append(variable->second)
                    .append(".");
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
    return ".SS " + usage + '\n' + escape_roff(sentence(app.get_description())) + '\n' + arguments +
           options_in(g, app, "Options");
}

std::string commands_section(const grammar& g)
{
    std::string text = ".SH COMMANDS\n";
    for (const CLI::App* command : commands_of(g.app)) {
        text += command_section(g, *command);
    }
    return text;
}

std::string options_section(const grammar& g)
{
    std::string text = ".SH OPTIONS\nThese options may precede or follow the command.\n" +
                       options_in(g, g.app, "Options");
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
            text += paragraph(bold(variable->second), "The default of " + option->get_name() + '.');
        }
    }
    text += paragraph(bold("HTTPS_PROXY") + ", " + bold("ALL_PROXY"), "The default of --proxy.");
    text += paragraph(bold("NO_PROXY"), "The hosts to connect to without a proxy.");
    return text +
           paragraph(bold("NO_COLOR"), "If it is set and not empty, the output has no colours.");
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
On a terminal, results are tables, errors are one line, and transfers show progress bars with the rate and the remaining
time. If standard output is not a terminal, or with \fB\-\-json\fR, results are JSON with the members of the API. With
\fB\-\-json\fR, an error is one JSON object on standard error.
.PP
Several files are uploaded one after the other, in the order of the arguments: the server keeps the images in this order.
Temporary images have no order, so several of them are uploaded at the same time. If an upload fails, the others continue.
The result contains a status for each file: \fBstored\fR, \fBfailed\fR, or \fBunknown\fR if all of it was sent but the
server did not respond. It also contains the error, and how much of the file was sent.
.PP
An interrupted command is terminated by the signal, so that a shell loop ends, too. \fBserve\fR exits with status 0 when
it is interrupted.
.PP
A download is written to a temporary file, which is renamed when it is complete. If the download fails or is interrupted,
the temporary file is removed.
)";

constexpr std::string_view examples = R"(.SH EXAMPLES
.TP
Upload a portrait, with a password from standard input, which is not echoed if it is a terminal:
cyclos\-images \-\-username alice \-\-password\-file \- upload\-user\-image self me.jpg
.TP
Add several images to an advertisement, with the server and the credentials in the environment:
cyclos\-images upload\-ad\-image 42 front.jpg back.jpg
.TP
Download a smaller copy of an image:
cyclos\-images get\-image\-content 17 \-\-width 200 \-o me\-200.jpg
.TP
Upload the output of another program:
scan | cyclos\-images upload\-ad\-image 42 \- \-\-filename scan.png
)";

constexpr std::string_view about_generation = R"(.SH SHELL COMPLETION
\fBcyclos\-images \-\-generate bash\fR prints a completion script for bash. Other values of \fB\-\-generate\fR are
\fBzsh\fR, \fBfish\fR, and \fBman\fR for this page.
)";

} // namespace

std::string manual(const grammar& g)
{
    const std::string name = g.app.get_name();
    std::string text = ".TH CYCLOS\\-IMAGES 1 \"\" \"" + name + ' ' + CYCLOS_IMAGES_VERSION +
                       "\" \"User Commands\"\n";
    text += ".SH NAME\n" + escape_roff(name) + " \\- manage the images of a Cyclos server\n";
    text += ".SH SYNOPSIS\n" + bold(name) + " [" + italic("OPTIONS") + "] " + italic("COMMAND") +
            " [" + italic("ARGUMENTS") + "]\n";
    text += ".SH DESCRIPTION\n" + escape_roff(g.app.get_description()) + '\n';
    text +=
        commands_section(g) + options_section(g) + environment_section(g) + exit_status_section();
    return text.append(about_results).append(examples).append(about_generation);
}

} // namespace tool
