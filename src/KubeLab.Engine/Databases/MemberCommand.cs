using System.Globalization;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Databases;

/// <summary>Runs the command db of a member's image.</summary>
/// <param name="api">The cluster.</param>
/// <param name="ns">The namespace.</param>
internal sealed class MemberCommand(KubeApi api, string ns)
{
    private const int MaxOutput = 64 * 1024;

    /// <summary>Runs a command and reads its output, which consists of lines with NAME=VALUE.</summary>
    /// <param name="member">The pod.</param>
    /// <param name="limit">The maximum time.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <param name="arguments">The command and its arguments.</param>
    /// <exception cref="KlException">DatabaseCommandFailed, PodNotFound, and the errors of commands in pods.</exception>
    public async Task<IReadOnlyDictionary<string, string>> RunAsync(string member, TimeSpan limit, CancellationToken stop, params string[] arguments)
    {
        using var timer = new TimeLimit(limit, api.Clock, stop);
        using var output = new MemoryStream();
        var error = new OutputTail();
        try
        {
            var code = await PodCommands.RunAsync(api, new(ns, member, DatabaseManifest.Container), ["bash", DatabaseManifest.Command, .. arguments], null,
                (isError, data) =>
                {
                    if (isError)
                        error.Add(data.Span);
                    else
                        output.Write(data.Span[..Math.Min(data.Length, MaxOutput - (int)output.Length)]);
                    return ValueTask.CompletedTask;
                }, timer.Token);
            return code == 0 ? Read(Text(output)) : throw Failed(member, arguments, $"exit code {code}: {OutputTail.Of($"{error}\n{Text(output)}")}".TrimEnd());
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Failed(member, arguments, string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds:0} s"));
        }
    }

    private static string Text(MemoryStream kept) => Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);

    private static Dictionary<string, string> Read(string output)
    {
        var values = new Dictionary<string, string>();
        foreach (var line in output.Split('\n'))
            if (line.Split('=', 2) is [{ Length: > 0 } name, var value])
                values[name.Trim()] = value.Trim();
        return values;
    }

    private static KlException Failed(string member, string[] arguments, string what) => new(
        ErrorIds.DatabaseCommandFailed, KlErrorKind.Failed, member, $"{member}: 'db {string.Join(' ', arguments)}' failed: {what}",
        "Check the log of the member.");
}
