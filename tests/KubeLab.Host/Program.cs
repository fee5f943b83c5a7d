using KubeLab.Host;

var line = CommandLine.Parse(args);
if (line is null)
{
    Console.Error.WriteLine(CommandLine.Usage);
    return CommandLine.UsageError;
}
using var host = new ConsoleHost(Terminal.OfProcess(), line.NonInteractive);
using var signals = new Signals(host);
return Session.Run(line, host);
