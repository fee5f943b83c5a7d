using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace KubeLab.Engine.Remote;

/// <summary>One command under way on a connection.</summary>
internal sealed class RunningCommand : IDisposable
{
    // A machine under load answers late; one that is gone never does.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    // For the login shell to read its start-up files, and for sudo to look up names where a DNS server is away.
    private static readonly TimeSpan ShellLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SudoLimit = TimeSpan.FromSeconds(45);

    // Milliseconds for the server to end what it has been asked to; one with a forced command does not.
    private const int KillLimit = 2000;

    // Of the input, between two looks whether the rest is still wanted.
    private const int Piece = 32 << 10;

    private readonly SshLink _link;
    private readonly SshCommand _ssh;
    private readonly Task _ended;
    private readonly bool _sudo;
    private readonly TimeProvider _clock;
    private readonly OutputReader _output;
    private readonly OutputReader _error;
    private readonly Task _read;
    private readonly Task _fed;
    private volatile bool _isEnding;

    private RunningCommand(SshLink link, SshCommand ssh, Task ended, HostCommand command, bool sudo, string mark, TimeProvider clock)
    {
        (_link, _ssh, _ended, _sudo, _clock) = (link, ssh, ended, sudo, clock);
        var gate = new Lock();
        Action<OutputLine>? tell = command.Output is null ? null : line =>
        {
            lock (gate)
                command.Output(line);
        };
        _output = new(false, tell, mark);
        _error = new(true, tell, null);
        _read = Task.WhenAll(Blocking.RunAsync(() => _output.Read(ssh.OutputStream)), Blocking.RunAsync(() => _error.Read(ssh.ExtendedOutputStream)));
        _fed = FeedAsync(RemoteShell.Words(command), command.Input ?? default);
    }

    /// <summary>Gives a command to the machine.</summary>
    /// <exception cref="TimeoutException">The connection is dead; the command has not run.</exception>
    /// <exception cref="SshException">The connection is lost, or has no room; the command has not run.</exception>
    public static async Task<RunningCommand> StartAsync(SshLink link, HostCommand command, bool sudo, TimeProvider clock, CancellationToken stop)
    {
        var mark = "kubelab-" + RandomNumberGenerator.GetHexString(16);
        var ssh = link.Client.CreateCommand(RemoteShell.Line(sudo, mark));
        var starting = Blocking.RunAsync(() => ssh.ExecuteAsync(CancellationToken.None));
        try
        {
            return new(link, ssh, await starting.WaitAsync(AnswerLimit, clock, stop), command, sudo, mark, clock);
        }
        catch
        {
            _ = starting.ContinueWith(_ => ssh.Dispose(), TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="lost">Says what it means that the connection is lost, and what became of the command not known.</param>
    /// <param name="notStarted">Says what it means that the login shell or sudo did not start it: how it ended, what it said, whether it was sudo.</param>
    /// <param name="stop">Ends the process group.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="OperationCanceledException">The process group has been ended.</exception>
    public async Task<CommandResult> FinishAsync(Func<Exception, Exception> lost, Func<string, string, bool, Exception> notStarted, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _link.Closed);
        Exception NotStarted(string end) => notStarted(end, $"{_error}{_output}".Trim(), _sudo && _output.Shell.IsCompletedSuccessfully);
        try
        {
            if (!await IsStartedAsync(_output.Shell, ShellLimit, either.Token))
                throw NotStarted($"It did not start within {ShellLimit.TotalSeconds:0} seconds");
            if (!await IsStartedAsync(_output.Group, SudoLimit, either.Token))
                throw NotStarted($"It did not start within {SudoLimit.TotalSeconds:0} seconds");
            await _ended.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await EndAsync();
            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            throw lost(new SshConnectionException("The machine no longer answers."));
        }
        catch (Exception error) when (SshFailure.IsOfSsh(error))
        {
            throw lost(error);
        }
        await _read;
        var exit = _ssh.ExitStatus ?? (_ssh.ExitSignal is null ? throw lost(new SshConnectionException("The channel closed without an exit code.")) : -1);
        return _output.Group.IsCompletedSuccessfully ? new(exit, _output.ToString(), _error.ToString())
            : throw NotStarted($"It ended with exit code {exit}");
    }

    /// <inheritdoc/>
    public void Dispose() => _ssh.Dispose();

    /// <summary>Waits for a step of the start, or for the end of it all; ends what takes too long.</summary>
    private async Task<bool> IsStartedAsync(Task step, TimeSpan limit, CancellationToken stop)
    {
        try
        {
            await Task.WhenAny(step, _ended).WaitAsync(limit, _clock, stop);
            return true;
        }
        catch (TimeoutException)
        {
            _isEnding = true;
            await Blocking.RunAsync(() => _ssh.CancelAsync(forceKill: true, KillLimit));
            await _read;
            return false;
        }
    }

    // Begins when the command asks for it: one that sudo or a login shell refuses ends with its channel, and nothing may be sent after that.
    private async Task FeedAsync(string words, ReadOnlyMemory<byte> input)
    {
        try
        {
            await _output.Group;
            await Blocking.RunAsync(() =>
            {
                using var stream = _ssh.CreateInputStream();
                if (_isEnding)
                    return;
                stream.Write(Encoding.UTF8.GetBytes(words));
                for (var rest = input; rest.Length > 0 && !_isEnding; rest = rest[Math.Min(rest.Length, Piece)..])
                    stream.Write(rest.Span[..Math.Min(rest.Length, Piece)]);
            });
        }
#pragma warning disable CA1031 // The command was not reached, or the connection is lost, which its end tells.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private async Task EndAsync()
    {
        _isEnding = true;
        try
        {
            if (!_output.Group.IsCompletedSuccessfully)
            {
                // It has not been sent the line that it starts with, and now is not.
                await Blocking.RunAsync(() => _ssh.CancelAsync(forceKill: true, KillLimit));
                return;
            }
            using var end = _link.Client.CreateCommand(RemoteShell.EndLine(await _output.Group, _sudo));
            await Blocking.RunAsync(end.Execute).WaitAsync(EndLimit, _clock);
            await Task.WhenAll(_ended, _fed).WaitAsync(EndLimit, _clock);
        }
#pragma warning disable CA1031 // There is no way left to reach the process, or it never began; the caller wants to leave.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
