using System.Runtime.InteropServices;

namespace KubeLab.Engine.Flow;

/// <summary>What an error of the file system means, in words. .NET gives some of them as a bare number ("Err 28").</summary>
internal static class IoError
{
    private const int Access = 13;
    private const int Exists = 17;
    private const int ReadOnly = 30;

    // errno(3); the numbers up to 34 are the same everywhere.
    private static readonly Dictionary<int, string> Numbers = new()
    {
        [1] = "the operation is not permitted", [2] = "it does not exist", [5] = "the disk reports an input or output error", [Access] = "access is denied",
        [16] = "it is in use", [Exists] = "it exists already", [18] = "it is on another file system", [19] = "there is no such device", [20] = "a part of its path is not a folder",
        [21] = "it is a folder", [23] = "the system has too many files open", [24] = "this process has too many files open", [26] = "the program is running",
        [27] = "the file would be too large", [28] = "the disk is full", [ReadOnly] = "the file system is read-only", [31] = "the file has too many links", [32] = "the other end has closed it",
        [Portable(36, 63)] = "the name is too long", [Portable(39, 66)] = "the folder is not empty", [Portable(40, 62)] = "its symbolic links form a loop",
        [Portable(116, 70)] = "the network file system no longer knows it", [Portable(122, 69)] = "the disk quota is used up",
    };

    // Windows' codes as .NET has them, and that of a file whose space could not be reserved.
    private static readonly Dictionary<int, string> Codes = new()
    {
        [unchecked((int)0x80131620)] = "the disk is full", [unchecked((int)0x80070070)] = "the disk is full", [unchecked((int)0x80070027)] = "the disk is full",
        [unchecked((int)0x80070013)] = "the disk is write-protected", [unchecked((int)0x80070020)] = "another process uses it",
    };

    /// <summary>As the end of a sentence, with its full stop; an error that is not the file system's says what it says.</summary>
    public static string Words(Exception error) => error switch
    {
        UnauthorizedAccessException => "access is denied.",
        PathTooLongException => "the name is too long.",
        DirectoryNotFoundException => "its folder does not exist, or a part of its path is not a folder.",
        FileNotFoundException => "it does not exist.",
        IOException when IsHeld(error) => "another process uses it.",
        IOException when error.InnerException is null && (Number(error) is { } number && Numbers.TryGetValue(number, out var words) || IsFull(error) && Codes.TryGetValue(error.HResult, out words)) => words + ".",
        _ => error.Message,
    };

    /// <summary>Whether it means that another process has the file open for itself alone.</summary>
    public static bool IsHeld(Exception error) => error is IOException && error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : Portable(11, 35));

    /// <summary>Whether it means that the file was there already.</summary>
    public static bool IsThere(Exception error) => error is IOException && error.HResult is Exists or unchecked((int)0x80070050);

    /// <summary>Whether it means that nothing may be made in the folder.</summary>
    public static bool IsDenied(Exception error) => error is UnauthorizedAccessException || Number(error) is Access or ReadOnly;

    private static int? Number(Exception error) => !OperatingSystem.IsWindows() && error is IOException && error.HResult is > 0 and < 200 ? error.HResult : null;

    // An IOException without a number of its own has the code of the first, too.
    private static bool IsFull(Exception error) => error.HResult != unchecked((int)0x80131620) || error.Message.Contains("disk was full", StringComparison.Ordinal);

    private static int Portable(int linux, int bsd) => RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? linux : bsd;
}
