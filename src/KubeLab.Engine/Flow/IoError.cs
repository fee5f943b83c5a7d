using System.Runtime.InteropServices;

namespace KubeLab.Engine.Flow;

/// <summary>Describes file system errors. .NET reports some of them only as a number ("Err 28").</summary>
internal static class IoError
{
    private const int Access = 13;
    private const int Exists = 17;
    private const int ReadOnly = 30;

    // errno(3). The numbers up to 34 are the same on all systems.
    private static readonly Dictionary<int, string> Numbers = new()
    {
        [1] = "the operation is not permitted", [2] = "it does not exist", [5] = "the disk reported an input/output error", [Access] = "access is denied",
        [16] = "it is in use", [Exists] = "it already exists", [18] = "it is on another file system", [19] = "the device does not exist",
        [20] = "a part of its path is not a folder", [21] = "it is a folder", [23] = "the system has too many open files",
        [24] = "this process has too many open files", [26] = "the program is running", [27] = "the file would be too large", [28] = "the disk is full",
        [ReadOnly] = "the file system is read-only", [31] = "the file has too many links", [32] = "the other end closed the pipe",
        [Portable(36, 63)] = "the name is too long", [Portable(39, 66)] = "the folder is not empty", [Portable(40, 62)] = "its symbolic links form a loop",
        [Portable(116, 70)] = "it no longer exists on the network file system", [Portable(122, 69)] = "the disk quota is exceeded",
    };

    // Windows error codes as HRESULTs, and the code of a failed preallocation.
    private static readonly Dictionary<int, string> Codes = new()
    {
        [unchecked((int)0x80131620)] = "the disk is full", [unchecked((int)0x80070070)] = "the disk is full",
        [unchecked((int)0x80070027)] = "the disk is full",
        [unchecked((int)0x80070013)] = "the disk is write-protected", [unchecked((int)0x80070020)] = "another process is using it",
    };

    /// <summary>A description for the end of a sentence, with a full stop. Other errors keep their message.</summary>
    public static string Describe(Exception error) => error switch
    {
        UnauthorizedAccessException => "access is denied.",
        PathTooLongException => "the name is too long.",
        DirectoryNotFoundException => "its folder does not exist, or a part of its path is not a folder.",
        FileNotFoundException => "it does not exist.",
        IOException when IsInUse(error) => "another process is using it.",
        IOException when error.InnerException is null && (Number(error) is { } number && Numbers.TryGetValue(number, out var text)
            || IsFull(error) && Codes.TryGetValue(error.HResult, out text)) => text + ".",
        _ => error.Message,
    };

    /// <summary>Whether another process has the file open exclusively.</summary>
    public static bool IsInUse(Exception error) =>
        error is IOException && error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : Portable(11, 35));

    /// <summary>Whether the file already exists.</summary>
    public static bool AlreadyExists(Exception error) => error is IOException && error.HResult is Exists or unchecked((int)0x80070050);

    /// <summary>Whether creating files in the folder is not permitted.</summary>
    public static bool IsDenied(Exception error) => error is UnauthorizedAccessException || Number(error) is Access or ReadOnly;

    private static int? Number(Exception error) =>
        !OperatingSystem.IsWindows() && error is IOException && error.HResult is > 0 and < 200 ? error.HResult : null;

    // A generic IOException has the same HRESULT as a failed preallocation.
    private static bool IsFull(Exception error) =>
        error.HResult != unchecked((int)0x80131620) || error.Message.Contains("disk was full", StringComparison.Ordinal);

    private static int Portable(int linux, int bsd) => RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? linux : bsd;
}
