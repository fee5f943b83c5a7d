using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace KubeLab.Host;

internal sealed partial class ConsoleUi
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Ends a prompt that waits for an answer.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public override string ReadLine() => Ask(_terminal.In.ReadLine)!;

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString()
    {
        var secret = new SecureString();
        foreach (var letter in Ask(_terminal.HasKeyboard ? ReadHidden : _terminal.In.ReadLine) ?? throw Ended())
            secret.AppendChar(letter);
        secret.MakeReadOnly();
        return secret;
    }

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Head(caption, message);
        var keys = choices.Select(choice => choice.Label.IndexOf('&', StringComparison.Ordinal) is >= 0 and var at && at + 1 < choice.Label.Length
            ? choice.Label[(at + 1)..(at + 2)].ToUpperInvariant() : "").ToList();
        var names = choices.Select(choice => choice.Label.Replace("&", "", StringComparison.Ordinal)).ToList();
        while (true)
        {
            Write($"{string.Concat(choices.Select((_, i) => $"[{keys[i]}] {names[i]}  "))}[?] Help{(defaultChoice < 0 ? "" : $" (default is \"{keys[defaultChoice]}\")")}: ");
            var answer = (ReadLine() ?? throw Ended()).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            if (answer == "?")
                foreach (var (choice, key) in choices.Zip(keys))
                    WriteLine($"{key} - {choice.HelpMessage}");
            var chosen = Enumerable.Range(0, names.Count).Where(i => answer.Length > 0 &&
                (answer.Equals(keys[i], StringComparison.OrdinalIgnoreCase) || answer.Equals(names[i], StringComparison.OrdinalIgnoreCase))).ToList();
            if (chosen.Count > 0)
                return chosen[0];
        }
    }

    /// <inheritdoc/>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Head(caption, message);
        return descriptions.ToDictionary(field => field.Name, field => new PSObject(Answer(field)));
    }

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        Head(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine() ?? throw Ended();
        }
        Write($"Password for user {userName}: ");
        return new(userName, ReadLineAsSecureString());
    }

    private static PromptingException Ended() =>
        new("A question was asked, and standard input has ended.", null, "InputEnded", ErrorCategory.ResourceUnavailable);

    private void Head(string caption, string message)
    {
        if (!string.IsNullOrEmpty(caption))
            WriteLine("\n" + caption);
        if (!string.IsNullOrEmpty(message))
            WriteLine(message);
    }

    private object Answer(FieldDescription field)
    {
        var type = Type.GetType(field.ParameterAssemblyFullName) ?? typeof(string);
        if (type == typeof(SecureString))
        {
            Write($"{field.Name}: ");
            return ReadLineAsSecureString();
        }
        if (type == typeof(PSCredential))
            return PromptForCredential("", "", "", field.Name);
        if (!type.IsArray)
            return One($"{field.Name}: ");
        // A list is asked for item by item, until an empty line.
        var items = new List<string>();
        while (One($"{field.Name}[{items.Count}]: ") is { Length: > 0 } item)
            items.Add(item);
        return items.ToArray();
    }

    private string One(string label)
    {
        Write(label);
        return ReadLine() ?? throw Ended();
    }

    /// <summary>Reads on a thread of its own, so that Ctrl+C need not wait for an answer.</summary>
    private string? Ask(Func<string?> read)
    {
        if (_nonInteractive)
            throw new HostException("A question was asked, and the host was started with -NonInteractive.");
        try
        {
            var answer = Task.Run(read, CancellationToken.None);
            answer.Wait(_stop.Token);
            lock (_turn)
                _midLine = !_terminal.HasKeyboard && _midLine;
            return answer.Result;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private string? ReadHidden()
    {
        var letters = new List<char>();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key != ConsoleKey.Backspace)
                letters.Add(key.KeyChar);
            else if (letters.Count > 0)
                letters.RemoveAt(letters.Count - 1);
        }
        WriteLine("");
        return new([.. letters]);
    }
}
