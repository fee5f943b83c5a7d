namespace KubeLab.Engine.Reliability.History;

/// <summary>Errors of files that contain histories.</summary>
internal static class HistoryError
{
    private const string Formats = "Specify a history of Jepsen in EDN, its log, or JSON lines with the fields type, process, f and value.";

    /// <summary>Creates the error for a line that is not valid.</summary>
    public static KlException At(string file, int line, string message) => Of(file, $"'{file}', line {line}: {message}.");

    /// <summary>Creates the error for a file that is not valid.</summary>
    public static KlException Of(string file, string message, Exception? inner = null) =>
        new(ErrorIds.HistoryInvalid, KlErrorKind.InvalidData, file, message, Formats, inner);
}
